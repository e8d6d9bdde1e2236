import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace, hasData, shape } from "../js/today.js";

const H = 3_600_000;
const from = Date.parse("2027-03-24T20:30:00Z"); // a midnight in Isfahan, off the hour of UTC
const day = { from, to: from + 24 * H, before: from - 24 * H };
const series = (start, values, group = {}) => ({
  indicator: "visits", unit: "site_visit", from: "", to: "", step_seconds: 3600,
  groups: [{ group, points: values.map((value, i) => ({ at: new Date(start + i * H).toISOString(), value })) }],
});

test("closed hours, the running hour and yesterday are three series over one day", () => {
  const t = shape(series(from, [1, 2, 3]), series(day.before, [7, 8, 9, 10]), day, from + 2.5 * H);
  assert.equal(t.x.length, 24);
  assert.equal(t.x[0], from / 1000 + 1800);
  assert.deepEqual(t.done.slice(0, 4), [1, 2, null, null]);
  assert.deepEqual(t.running.slice(0, 4), [null, null, 3, null]);
  assert.deepEqual(t.before.slice(0, 5), [7, 8, 9, 10, null]);
});

test("an hour closes with its last second", () => {
  const t = shape(series(from, [1, 2]), null, day, from + 2 * H);
  assert.deepEqual(t.done.slice(0, 2), [1, 2]);
});

test("zero is drawn and a missing hour is not", () => {
  const t = shape(series(from, [0, null, 4]), null, day, from + 20 * H);
  assert.deepEqual(t.done.slice(0, 3), [0, null, 4]);
});

test("the whole city is chosen among groups", () => {
  const s = series(from, [5]);
  s.groups.unshift({ group: { place: "khaju" }, points: [{ at: new Date(from).toISOString(), value: 1 }] });
  assert.equal(shape(s, null, day, from + 9 * H).done[0], 5);
});

test("points outside the day and more than a day are dropped", () => {
  const many = series(from - 5 * H, Array.from({ length: 200 }, (_, i) => i));
  const t = shape(many, null, { ...day, to: from + 100 * H }, from + 300 * H);
  assert.equal(t.x.length, 25);
  assert.equal(t.done[0], 5);
});

test("a day of 23 hours has 23 bars", () => {
  assert.equal(shape(null, null, { ...day, to: from + 23 * H }, from).x.length, 23);
});

test("nothing at all is known as nothing", () => {
  assert.equal(hasData(shape(null, null, day, from)), false);
  assert.equal(hasData(shape(null, series(day.before, [0]), day, from)), true);
  assert.equal(hasData(shape({ ...series(from, []), groups: [] }, null, day, from)), false);
});

test("the chart is read each minute of data time, but not more often than every ten real seconds", () => {
  const p = new Pace();
  assert.equal(p.due(0, 0), true);
  assert.equal(p.due(59_000, 59_000), false);
  assert.equal(p.due(60_000, 60_000), true);
  const fast = new Pace();
  assert.equal(fast.due(0, 0), true);
  assert.equal(fast.due(9_000, 600_000), false);
  assert.equal(fast.due(10_000, 700_000), true);
});

test("a reconnect reads again as soon as the bound allows", () => {
  const p = new Pace();
  p.due(0, 0);
  p.hurry();
  assert.equal(p.due(5_000, 5_000), false);
  assert.equal(p.due(10_000, 10_000), true);
  assert.equal(p.due(20_000, 20_000), false);
});
