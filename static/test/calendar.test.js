import assert from "node:assert/strict";
import { test } from "node:test";
import { Calendar, daysBetween, seasonDay } from "../js/calendar.js";

const iso = (ms) => new Date(ms).toISOString();

test("a local day starts at the city's midnight", () => {
  const c = new Calendar("Asia/Tehran");
  const noon = Date.parse("2027-03-25T08:30:00Z");
  assert.deepEqual(c.local(noon), { date: "2027-03-25", hour: 12, minute: 0, second: 0 });
  assert.equal(iso(c.dayStart(noon)), "2027-03-24T20:30:00.000Z");
  assert.equal(iso(c.nextDay(noon)), "2027-03-25T20:30:00.000Z");
});

test("the first and the last instant of a day belong to it", () => {
  const c = new Calendar("Asia/Tehran");
  const first = Date.parse("2027-03-24T20:30:00Z");
  assert.equal(c.dayStart(first), first);
  assert.equal(c.dayStart(first + 86_400_000 - 1), first);
  assert.equal(iso(c.dayStart(first - 1)), "2027-03-23T20:30:00.000Z");
});

test("days of 23 and 25 hours are found", () => {
  const c = new Calendar("Europe/Berlin");
  const hours = (ms) => (c.nextDay(ms) - c.dayStart(ms)) / 3_600_000;
  assert.equal(hours(Date.parse("2026-03-29T20:00:00Z")), 23);
  assert.equal(hours(Date.parse("2026-10-25T00:30:00Z")), 25);
  assert.equal(hours(Date.parse("2026-10-25T21:30:00Z")), 25);
  assert.equal(hours(Date.parse("2026-07-01T12:00:00Z")), 24);
});

test("a day whose midnight does not exist starts an hour later", () => {
  const c = new Calendar("Asia/Tehran"); // in 2022 the clocks went forward at midnight
  const day = Date.parse("2022-03-22T08:00:00Z");
  const start = c.dayStart(day);
  assert.equal(c.local(start).date, "2022-03-22");
  assert.equal(c.local(start - 1000).date, "2022-03-21");
});

const nowruz = {
  id: "nowruz-1406", name: { fa: "-", en: "Nowruz 1406" }, from: "2027-03-16", to: "2027-04-04", day_one: "2027-03-21",
  days: [{ date: "2027-04-02", name: { fa: "-", en: "Sizdah Bedar" } }],
};

test("day one of a season is its day_one, and days before it count down", () => {
  assert.deepEqual(seasonDay(nowruz, "2027-03-21"), { day: 1, named: null });
  assert.deepEqual(seasonDay(nowruz, "2027-03-25"), { day: 5, named: null });
  assert.deepEqual(seasonDay(nowruz, "2027-03-20"), { day: 0, named: null });
  assert.equal(seasonDay(nowruz, "2027-04-02")?.named?.en, "Sizdah Bedar");
});

test("outside the season there is no day of it", () => {
  assert.equal(seasonDay(nowruz, "2027-03-15"), null);
  assert.equal(seasonDay(nowruz, "2027-04-05"), null);
  assert.equal(seasonDay(null, "2027-04-01"), null);
});

test("days between dates are calendar days", () => {
  assert.equal(daysBetween("2027-02-28", "2027-03-01"), 1);
  assert.equal(daysBetween("2028-02-28", "2028-03-01"), 2);
  assert.equal(daysBetween("2027-03-21", "2027-03-16"), -5);
});
