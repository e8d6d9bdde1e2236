import assert from "node:assert/strict";
import { test } from "node:test";
import { rank, summary } from "../js/places.js";
import { keyOf } from "../js/tile.js";

const now = Date.parse("2027-03-25T12:00:00Z");
const place = (id, capacity) => ({ id, name: { fa: id, en: id }, kind: "park", capacity });
const tile = (id, value, ageSeconds = 10, ttl = 600) => ({
  id: `crowding/${id}`, indicator: "crowding", group: { place: id }, value, unit: "person", status: "ok",
  at: new Date(now - ageSeconds * 1000).toISOString(), ttl_seconds: ttl, coverage: null, provisional: true, revision: 1,
});
const board = (...tiles) => new Map(tiles.map((t) => [keyOf(t), t]));
const order = (places, tiles) => rank(places, "crowding", tiles, now).map((c) => c.place.id);

test("the fullest place stands first, by share and not by number", () => {
  const places = [place("big", 10_000), place("small", 100), place("middle", 1000)];
  assert.deepEqual(order(places, board(tile("big", 4000), tile("small", 95), tile("middle", 500))), ["small", "middle", "big"]);
});

test("a stale place keeps its rank, a silent one goes last", () => {
  const places = [place("calm", 100), place("stale", 100), place("dead", 100)];
  const crowds = rank(places, "crowding", board(tile("calm", 10), tile("stale", 80, 700), tile("dead", 99, 6000)), now);
  assert.deepEqual(crowds.map((c) => [c.place.id, c.shown]), [["stale", "stale"], ["calm", "ok"], ["dead", "dead"]]);
});

test("a place without capacity comes after those that can be compared", () => {
  const places = [place("gate", 0), place("empty", 100), place("none", 100)];
  assert.deepEqual(order(places, board(tile("gate", 9000), tile("empty", 0), tile("none", null))), ["empty", "gate", "none"]);
});

test("only places that the indicator speaks of are listed", () => {
  assert.deepEqual(order([place("a", 10), place("b", 10)], board(tile("b", 1))), ["b"]);
});

test("equal places keep one order", () => {
  const tiles = board(tile("a", 5), tile("b", 5));
  assert.deepEqual(order([place("b", 10), place("a", 10)], tiles), order([place("a", 10), place("b", 10)], tiles));
});

test("what is left out is bounded from above in steps of five", () => {
  const places = [place("a", 100), place("b", 100), place("c", 100)];
  const crowds = rank(places, "crowding", board(tile("a", 63), tile("b", 12), tile("c", 1, 9000)), now);
  assert.deepEqual(summary(crowds), { count: 3, below: 65, silent: 1 });
  assert.equal(summary(rank([place("a", 100)], "crowding", board(tile("a", 60)), now)).below, 65);
  assert.deepEqual(summary([]), { count: 0, below: null, silent: 0 });
});
