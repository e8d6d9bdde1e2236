import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../js/clock.js";

const at = (ms) => new Date(ms).toISOString();

test("the clock runs as fast as the server says", () => {
  let real = 1_000;
  const clock = new Clock(() => real);
  assert.equal(clock.known, false);
  assert.equal(clock.now(), 0);
  clock.sync(at(5_000_000), 10);
  real += 2_000;
  assert.equal(clock.now(), 5_020_000);
});

test("a difference of the network's size is left alone", () => {
  let real = 0;
  const clock = new Clock(() => real);
  clock.sync(at(1_000_000), 1);
  real += 1_000;
  clock.sync(at(1_001_300));
  assert.equal(clock.now(), 1_001_000);
  clock.sync(at(1_002_000));
  assert.equal(clock.now(), 1_002_000);
});

test("the tolerance grows with the speed", () => {
  let real = 0;
  const clock = new Clock(() => real);
  clock.sync(at(1_000_000), 60);
  real += 1_000;
  clock.sync(at(1_080_000)); // 20 s of data are a third of a real second
  assert.equal(clock.now(), 1_060_000);
});

test("a changed speed counts at once, a broken time never", () => {
  let real = 0;
  const clock = new Clock(() => real);
  clock.sync(at(1_000_000), 1);
  clock.sync(at(1_000_100), 5);
  assert.equal(clock.speed, 5);
  assert.equal(clock.now(), 1_000_100);
  clock.sync("yesterday", 9);
  assert.equal(clock.speed, 5);
  assert.equal(clock.now(), 1_000_100);
});
