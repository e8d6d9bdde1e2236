import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { deskWording } from "../js/text/desk.js";
import { mediaWording } from "../js/text/media.js";
import { operateWording } from "../js/text/operate.js";

const pages = { desk: deskWording, media: mediaWording, operate: operateWording };
/** Words that only the parts shared by all pages have may stand in any file. */
const files = (page) => (page === "desk" ? () => true : (f) => f.startsWith(page));

/** @returns {[string, unknown][]} path and wording of all there is */
function outline(words, path = "") {
  return Object.keys(words).sort().flatMap((k) => (typeof words[k] === "object" ? outline(words[k], `${path}${k}.`) : [[path + k, words[k]]]));
}

const shape = (words) => outline(words).map(([path, w]) => (typeof w === "function" ? `${path}(${w.length})` : path));
const said = (words, mark) => outline(words).map(([path, w]) => [path, typeof w === "function" ? w(mark, mark, mark) : w]);

for (const [page, wording] of Object.entries(pages)) {
  const [fa, en] = [wording("fa"), wording("en")];

  test(`${page}: both languages say the same things`, () => {
    assert.deepEqual(shape(fa), shape(en));
    assert.ok(shape(fa).length > 40);
    assert.equal(wording("de"), en);
  });

  test(`${page}: no wording is empty, and each is in its own script`, () => {
    const names = /^(InfluxDB|CSV| · )$/; // the same everywhere
    for (const [path, s] of said(fa, "ب")) if (!names.test(s)) assert.match(s, /[\u0600-\u06ff]/, path);
    for (const [path, s] of said(en, "b")) {
      if (!names.test(s)) assert.match(s, /[a-z]/i, path);
      assert.doesNotMatch(s, /[\u0600-\u06ff]/, path);
    }
  });

  test(`${page}: Persian is spelt with Persian letters and marks`, () => {
    for (const [path, s] of said(fa, "ب")) {
      assert.doesNotMatch(s, /[\u064a\u0643\u0660-\u0669]/, path); // Arabic yeh, kaf and digits
      assert.doesNotMatch(s, /[\u0600-\u06ff] (ها|های|تر|ترین)( |$)/, `${path}: a half-space, not a space`);
      assert.doesNotMatch(s, /[ادذرزژو]\u200c(ها|های)/, `${path}: no half-space after a letter that does not join`);
      assert.doesNotMatch(s, /[?,;]/, `${path}: Latin mark`);
    }
  });

  test(`${page}: everything that can be said is said somewhere`, () => {
    const dir = new URL("../js/desk/", import.meta.url);
    const code = readdirSync(dir).filter(files(page)).map((f) => readFileSync(new URL(f, dir), "utf8")).join("\n");
    const named = /^(act\.(acknowledge|assign|note|pause|resume|close|reopen)|live|polling|connecting|reconnecting|lost)$/; // by their own names
    for (const [path] of outline(en).filter(([x]) => !named.test(x))) {
      const [first, second] = path.split(".");
      const part = typeof en[first] === "object" && Object.values(en[first]).some((w) => typeof w !== "string"); // of the page
      const key = part ? second : first;
      assert.match(code, new RegExp(`\\.${key}\\b`), path);
    }
  });
}
