import assert from "node:assert/strict";
import { test } from "node:test";
import { Reloader } from "../js/reload.js";

function world(version = "1") {
  const w = {
    at: 1_000_000, timers: [], served: `<html data-version="${version}">`, asked: 0, reloads: 0, memory: { last: 0 },
    async tick(ms) {
      const end = w.at + ms;
      for (;;) {
        const next = w.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        w.timers = w.timers.filter((t) => t !== next);
        w.at = next.at;
        next.run();
        await new Promise(setImmediate);
      }
      w.at = end;
    },
  };
  w.reloader = new Reloader(version, {
    page: () => (w.asked++, w.served === null ? Promise.reject(new Error("502")) : Promise.resolve(w.served)),
    reload: () => w.reloads++,
    wallClock: () => w.at,
    random: () => 0.5,
    later: (run, ms) => w.timers.push({ at: w.at + ms, run }),
    memory: w.memory,
  });
  return w;
}

test("the page's own version changes nothing", async () => {
  const w = world();
  w.reloader.seen("1");
  await w.tick(60_000);
  assert.equal(w.asked, 0);
});

test("it reloads once the server serves the new version", async () => {
  const w = world();
  w.served = '<html data-version="2">';
  w.reloader.seen("2");
  w.reloader.seen("2");
  assert.equal(w.reloads, 0); // jittered
  await w.tick(3_000);
  assert.equal(w.reloads, 1);
  assert.equal(w.asked, 1);
  assert.equal(w.memory.last, 1_001_500);
});

test("it never reloads onto an error or onto the old page, and asks again", async () => {
  const w = world();
  w.served = null;
  w.reloader.seen("2");
  await w.tick(8_000);
  w.served = '<html data-version="1">';
  await w.tick(8_000);
  assert.equal(w.reloads, 0);
  assert.ok(w.asked >= 2);
  w.served = '<html data-version="2">';
  await w.tick(8_000);
  assert.equal(w.reloads, 1);
});

test("two reloads are at least fifteen seconds apart", async () => {
  const w = world();
  w.served = '<html data-version="2">';
  w.memory.last = w.at - 1_000;
  w.reloader.seen("2");
  await w.tick(13_000);
  assert.equal(w.reloads, 0);
  await w.tick(5_000);
  assert.equal(w.reloads, 1);
});

test("a remembered reload in the future holds nothing up", async () => {
  const w = world();
  w.served = '<html data-version="2">';
  w.memory.last = w.at + 1e9; // the machine's clock was set back
  w.reloader.seen("2");
  await w.tick(3_000);
  assert.equal(w.reloads, 1);
});

test("a server that goes back to the page's version ends the wish", async () => {
  const w = world();
  w.reloader.seen("2");
  w.reloader.seen("1");
  await w.tick(60_000);
  assert.equal(w.reloads, 0);
});
