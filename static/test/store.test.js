import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../js/store.js";

const tile = (indicator, value) => ({
  id: `${indicator}/`, indicator, group: {}, value, unit: "person", status: "ok", at: null, ttl_seconds: 0,
  coverage: null, provisional: true, revision: 1,
});
const hello = (epoch) => ({ type: "hello", version: "1", epoch, now: "", speed: 1 });
const snapshot = (epoch, rev, ...tiles) => ({ type: "snapshot", view: "hall", epoch, rev, now: "", version: "1", tiles });
const patch = (since, rev, ...tiles) => ({ type: "patch", since, rev, now: "", tiles });

test("patches follow a snapshot without a gap", () => {
  const s = new Store();
  s.apply(hello("e1"));
  assert.equal(s.apply(snapshot("e1", 41, tile("a", 1), tile("b", 2))), "taken");
  assert.equal(s.apply(patch(41, 42, tile("a", 5))), "taken");
  assert.equal(s.apply(patch(42, 45, tile("b", 6))), "taken");
  assert.equal(s.tiles.get("a")?.value, 5);
  assert.equal(s.tiles.get("b")?.value, 6);
  assert.equal(s.updates, 4);
});

test("a patch behind a gap changes nothing and asks for a snapshot", () => {
  const s = new Store();
  s.apply(snapshot("e1", 41, tile("a", 1)));
  assert.equal(s.apply(patch(42, 43, tile("a", 9))), "gap");
  assert.equal(s.tiles.get("a")?.value, 1);
  assert.equal(s.apply(patch(41, 42, tile("a", 2))), "taken");
});

test("a patch before any snapshot is a gap", () => {
  const s = new Store();
  s.apply(hello("e1"));
  assert.equal(s.apply(patch(-1, 0, tile("a", 1))), "gap");
  assert.equal(s.filled, false);
});

test("a new start of the server accepts no patch until its own snapshot, and keeps the old picture", () => {
  const s = new Store();
  s.apply(snapshot("e1", 7, tile("a", 1)));
  s.apply(hello("e2"));
  assert.equal(s.epoch, "e2");
  assert.equal(s.apply(patch(7, 8, tile("a", 9))), "gap");
  assert.equal(s.tiles.get("a")?.value, 1);
  s.apply(snapshot("e2", 1, tile("b", 3)));
  assert.equal(s.tiles.has("a"), false);
  assert.equal(s.filled, true);
});

test("the same start of the server goes on where it was", () => {
  const s = new Store();
  s.apply(snapshot("e1", 7, tile("a", 1)));
  s.apply(hello("e1"));
  assert.equal(s.apply(patch(7, 8, tile("a", 2))), "taken");
});

test("a polled picture counts as a snapshot, an unknown frame as nothing", () => {
  const s = new Store();
  const { type: _, ...polled } = snapshot("e1", 3, tile("a", 1));
  assert.equal(s.apply(polled), "taken");
  assert.equal(s.apply({ type: "scene", name: "x" }), "idle");
  assert.equal(s.apply({ type: "ping", now: "" }), "idle");
  assert.equal(s.tiles.size, 1);
});
