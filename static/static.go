// Package static holds the browser's half of Rasad: the wall's page and the shell of
// the pages for people, their scripts, styles, drawings and letters. There is no build
// step: the server makes one module and one sheet of each page when it starts. The
// package makes no decision; main hands Files to the server as an fs.FS.
package static

import "embed"

// Files holds everything that a browser may ask for. The path of a file below this
// folder is its path below the server's asset prefix. wall.html is a page with
// placeholders for the server to fill: {{LANG}} ("fa" or "en"), {{DIR}} ("rtl" or
// "ltr"), {{ZONE}} (the city's time zone), {{ASSETS}} (the asset prefix, without a
// slash at its end), {{VERSION}}, {{SCREEN}} and {{TITLE}}, all escaped for HTML, and
// {{SCRIPT}}, "arabic" or "latin", whose letters the page is written in.
//
// desk.html is the one shell of the pages for people. In place of {{SCREEN}} it has
// {{PAGE}}, which names the module js/desk/PAGE.js and the styles css/desk-PAGE.css,
// and {{DEPARTMENT}} and {{NUMBER}}, which are empty where a page has none.
//
//go:embed wall.html desk.html css/*.css icons/*.svg
//go:embed js/*.js js/text/*.js js/view/*.js js/desk/*.js
//go:embed third_party/*.js third_party/*.css third_party/*.woff2 third_party/*.LICENSE
var Files embed.FS
