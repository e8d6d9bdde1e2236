import assert from "node:assert/strict";
import { test } from "node:test";
import { Format, emWidth, largest } from "../js/format.js";

const fa = new Format("fa", "Asia/Tehran");
const en = new Format("en", "Asia/Tehran");
const evening = Date.parse("2027-03-25T15:12:07Z");

test("counts are grouped in the digits of the language", () => {
  assert.equal(fa.count(184263), "۱۸۴٬۲۶۳");
  assert.equal(en.count(184263), "184,263");
  assert.equal(fa.count(0), "۰");
});

test("the percent sign of a Persian number is held by a letter mark", () => {
  assert.equal(fa.percent(87.34), "\u061c۸۷٫۳٪");
  assert.equal(en.percent(87.34), "87.3%");
  assert.equal(fa.value(100, "percent"), "\u061c۱۰۰٪");
});

test("a minus sign is isolated with its number", () => {
  for (const text of [fa.value(-12.5, "minute"), fa.percent(-3), en.count(-7)]) {
    assert.equal(text[0], "\u2066");
    assert.equal(text.at(-1), "\u2069");
    assert.doesNotMatch(text, /\u061c/);
  }
});

test("decimals follow the unit and give way to thousands", () => {
  assert.equal(en.value(23.44, "minute"), "23.4");
  assert.equal(en.value(23.44, "person"), "23");
  assert.equal(en.value(1234.56, "m2"), "1,235");
});

test("the Jalali date is composed day first", () => {
  assert.deepEqual(fa.date(evening), { weekday: "پنجشنبه", date: "۵ فروردین ۱۴۰۶" });
  assert.deepEqual(en.date(evening), { weekday: "Thursday", date: "5 Farvardin 1406" });
  assert.equal(fa.gregorian(evening), "۲۵ مارس ۲۰۲۷");
  assert.equal(en.gregorian(evening), "25 March 2027");
});

test("leap Esfand has its thirtieth day", () => {
  assert.equal(en.date(Date.parse("2025-03-20T08:00:00Z")).date, "30 Esfand 1403");
});

test("times are the city's", () => {
  assert.equal(fa.time(evening), "۱۸:۴۲");
  assert.equal(en.second(evening), "07");
  assert.equal(fa.second(evening + 53_900), "۰۰");
  assert.equal(en.time(Date.parse("2022-07-01T12:00:00Z")), "16:30"); // summer time, then
});

test("ages are said in words of the largest whole unit", () => {
  assert.equal(fa.ago(185), "۳ دقیقه پیش");
  assert.match(en.ago(185), /^3 min\.? ago$/);
  assert.match(en.ago(59), /^59 sec\.? ago$/);
  assert.deepEqual(largest(3599), [59, "minute"]);
  assert.deepEqual(largest(3600), [1, "hour"]);
  assert.deepEqual(largest(47 * 3600), [47, "hour"]);
  assert.deepEqual(largest(49 * 3600), [2, "day"]);
});

test("a number's width counts digits, not marks", () => {
  assert.equal(emWidth(fa.percent(50)), emWidth("۵۰٪"));
  assert.ok(emWidth("۱۸۴٬۲۶۳") > emWidth("۱۸۴۲۶"));
  assert.ok(emWidth("128,456,789") < 0.67 * 11);
  assert.ok(emWidth("—") > 0.6);
});
