// Package static holds the browser's half of Rasad: the wall's page, its scripts,
// styles, drawings and letters, exactly as they are served. There is no build step.
// The package makes no decision; main hands Files to the server as an fs.FS.
package static

import "embed"

// Files holds everything that a browser may ask for. The path of a file below this
// folder is its path below the server's asset prefix. wall.html is a page with
// placeholders for the server to fill: {{LANG}} ("fa" or "en"), {{DIR}} ("rtl" or
// "ltr"), {{ASSETS}} (the asset prefix, without a slash at its end), {{VERSION}},
// {{SCREEN}} and {{TITLE}}, all escaped for HTML.
//
//go:embed wall.html css/*.css icons/*.svg
//go:embed js/*.js js/text/*.js js/view/*.js
//go:embed third_party/*.js third_party/*.css third_party/*.woff2 third_party/*.LICENSE
var Files embed.FS
