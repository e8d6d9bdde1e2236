import assert from "node:assert/strict";
import { test } from "node:test";
import { en } from "../js/text/en.js";
import { fa } from "../js/text/fa.js";
import { wording } from "../js/text/text.js";

/** @returns {string[]} path, kind and number of arguments of every wording */
function outline(words, path = "") {
  return Object.keys(words).sort().flatMap((k) => {
    const w = words[k];
    if (typeof w === "object") return outline(w, `${path}${k}.`);
    return [typeof w === "function" ? `${path}${k}(${w.length})` : `${path}${k}`];
  });
}

/** @returns {string[]} every sentence, functions called with a mark of the language */
function sentences(words, mark) {
  return Object.values(words).flatMap((w) => {
    if (typeof w === "object") return sentences(w, mark);
    return [typeof w === "function" ? w(3, mark, mark) : w];
  });
}

test("both languages say the same things", () => {
  assert.deepEqual(outline(fa), outline(en));
  assert.ok(outline(fa).length > 40);
});

test("no wording is empty, and each is in its own script", () => {
  for (const s of sentences(fa, "ب")) assert.match(s, /[\u0600-\u06ff]/);
  for (const s of sentences(en, "b")) {
    assert.match(s, /[a-z]/i);
    assert.doesNotMatch(s, /[\u0600-\u06ff]/);
  }
});

test("Persian is spelt with Persian letters", () => {
  for (const s of sentences(fa, "ب")) assert.doesNotMatch(s, /[\u064a\u0643]/); // Arabic yeh and kaf
});

test("the days of a season are spelt out in Persian, as far as they go", () => {
  assert.equal(fa.seasonDay(5, "۵", "نوروز ۱۴۰۶"), "روز پنجم نوروز ۱۴۰۶");
  assert.equal(fa.seasonDay(13, "۱۳", "نوروز ۱۴۰۶"), "روز سیزدهم نوروز ۱۴۰۶");
  assert.equal(fa.seasonDay(45, "۴۵", "بهار"), "روز ۴۵ بهار");
  assert.equal(en.seasonDay(5, "5", "Nowruz 1406"), "Day 5 of Nowruz 1406");
});

test("a bound that cannot be said is left out", () => {
  assert.doesNotMatch(en.rest("3", ""), /below/);
  assert.match(en.rest("3", "40%"), /all below 40%/);
  assert.notEqual(fa.rest("۳", ""), fa.rest("۳", "۴۰٪"));
});

test("any language but Persian is answered in English", () => {
  assert.equal(wording("fa"), fa);
  assert.equal(wording("en"), en);
  assert.equal(wording("de"), en);
});
