import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, key, keyOf, reached } from "../js/tile.js";

const at = "2027-03-25T12:00:00Z";
const t0 = Date.parse(at);
const tile = {
  id: "visits-today/", indicator: "visits-today", group: {}, value: 7, unit: "site_visit", status: "watch",
  at, ttl_seconds: 1800, coverage: null, provisional: true, revision: 1,
};

test("a tile is fresh up to its ttl, then stale, and dead after two and a half", () => {
  const shown = (seconds) => judge(tile, t0 + seconds * 1000).shown;
  assert.equal(shown(0), "watch");
  assert.equal(shown(1800), "watch");
  assert.equal(shown(1801), "stale");
  assert.equal(shown(4500), "stale");
  assert.equal(shown(4501), "dead");
});

test("a tile without ttl never grows old", () => {
  assert.equal(judge({ ...tile, ttl_seconds: 0 }, t0 + 1e9).shown, "watch");
});

test("a value that cannot say its age does not pass for a fresh one", () => {
  assert.deepEqual(judge({ ...tile, at: null }, t0), { shown: "dead", age: null });
  assert.deepEqual(judge({ ...tile, at: "soon" }, t0), { shown: "dead", age: null });
});

test("no value and no tile are no data, whatever the status says", () => {
  assert.deepEqual(judge({ ...tile, value: null }, t0 + 9000), { shown: "none", age: 9 });
  assert.deepEqual(judge(undefined, t0), { shown: "none", age: null });
});

test("zero is a value", () => {
  assert.equal(judge({ ...tile, value: 0 }, t0).shown, "watch");
});

test("a reading ahead of the clock is new, not negative", () => {
  assert.equal(judge(tile, t0 - 5000).age, 0);
});

test("tiles are told apart by what they are about", () => {
  const keys = [{}, { place: "khaju" }, { district: "khaju" }, { department: "khaju" }].map((group) => keyOf({ ...tile, group }));
  assert.equal(new Set(keys).size, 4);
  assert.equal(keys[0], key("visits-today"));
  assert.equal(keys[1], key("visits-today", { place: "khaju" }));
});

test("the way to a target needs both ends", () => {
  assert.equal(reached(50, 200), 25);
  assert.equal(reached(300, 200), 150);
  assert.equal(reached(-3, 200), 0);
  assert.equal(reached(null, 200), null);
  assert.equal(reached(50, null), null);
  assert.equal(reached(50, 0), null);
});
