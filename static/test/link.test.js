import assert from "node:assert/strict";
import { test } from "node:test";
import { DEAD_MS, Link } from "../js/link.js";

/** A world without time: sockets that do as told, timers that run when asked. */
function world({ random = 0.5, refused } = {}) {
  const w = {
    at: 0, timers: [], sockets: [], frames: [], states: [], polls: 0, answer: null,
    tick(ms) {
      const end = w.at + ms;
      for (;;) {
        const next = w.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        w.timers = w.timers.filter((t) => t !== next);
        w.at = next.at;
        next.run();
      }
      w.at = end;
    },
    get last() {
      return w.sockets.at(-1);
    },
    say(frame) {
      w.last.onmessage?.({ data: JSON.stringify(frame) });
    },
  };
  w.link = new Link(
    {
      open() {
        const s = { readyState: 1, sent: [], closed: false, opened: w.at, onmessage: null, onclose: null, send(x) { s.sent.push(x); }, close() { s.closed = true; } };
        w.sockets.push(s);
        return s;
      },
      poll: () => (w.polls++, w.answer ? Promise.resolve(w.answer) : Promise.reject(new Error("503"))),
      now: () => w.at,
      random: () => random,
      later: (run, ms) => {
        const t = { at: w.at + ms, run };
        w.timers.push(t);
        return t;
      },
      cancel: (t) => { w.timers = w.timers.filter((x) => x !== t); },
      ...(refused && { refused }),
    },
    (f) => w.frames.push(f),
    (s) => w.states.push(s),
  );
  return w;
}

/** Lets the socket fail and waits for the next one.  @returns {number} ms that it took */
function fail(w) {
  const from = w.at;
  const before = w.sockets.length;
  w.last.onclose();
  while (w.sockets.length === before) w.tick(10);
  return w.at - from;
}

const hello = { type: "hello", version: "1", epoch: "e", now: "", speed: 1 };
const ping = { type: "ping", now: "" };

test("hello makes the line live", () => {
  const w = world();
  w.link.start();
  assert.equal(w.link.state, "connecting");
  w.say(hello);
  assert.equal(w.link.state, "live");
  assert.deepEqual(w.frames, [hello]);
});

test("a socket that says nothing for twelve seconds is dropped without waiting for its close", () => {
  const w = world();
  w.link.start();
  w.say(hello);
  const old = w.last;
  w.tick(DEAD_MS);
  assert.equal(w.link.state, "live");
  w.tick(2_000);
  assert.equal(w.states.at(-1), "lost");
  assert.equal(old.onclose, null);
  assert.equal(old.onmessage, null);
  assert.equal(old.closed, true);
  assert.equal(w.sockets.length, 2);
});

test("pings keep the line alive", () => {
  const w = world();
  w.link.start();
  w.say(hello);
  for (let i = 0; i < 20; i++) {
    w.tick(5_000);
    w.say(ping);
  }
  assert.equal(w.sockets.length, 1);
  assert.equal(w.link.state, "live");
});

test("a socket that never opens is given up as well", () => {
  const w = world();
  w.link.start();
  w.last.readyState = 0;
  w.tick(DEAD_MS + 1_500);
  assert.equal(w.sockets.length, 2);
});

test("the pauses grow to half a minute, are spread at random, and never end", () => {
  const w = world({ random: 0.999 });
  w.link.start();
  const pauses = Array.from({ length: 40 }, () => fail(w));
  assert.ok(pauses[0] <= 510);
  assert.ok(pauses[3] > 3_000 && pauses[3] <= 4_010);
  assert.ok(Math.max(...pauses) <= 30_010);
  assert.ok(pauses.at(-1) > 29_000);
  const early = world({ random: 0 });
  early.link.start();
  early.last.onclose();
  early.tick(0);
  assert.equal(early.sockets.length, 2);
});

test("only a line that held for a while makes the pauses small again", () => {
  const w = world({ random: 0.999 });
  w.link.start();
  for (let i = 0; i < 6; i++) {
    w.say(hello);
    fail(w);
  }
  w.say(hello);
  assert.ok(fail(w) > 10_000);
  w.say(hello);
  for (let i = 0; i < 2; i++) {
    w.tick(5_000);
    w.say(ping);
  }
  assert.ok(fail(w) <= 510);
});

test("waking tries at once, unless the line is live", () => {
  const w = world({ random: 0.999 });
  w.link.start();
  for (let i = 0; i < 8; i++) fail(w);
  w.last.onclose();
  const count = w.sockets.length;
  w.link.wake();
  assert.equal(w.sockets.length, count + 1);
  w.say(hello);
  w.link.wake();
  assert.equal(w.sockets.length, count + 1);
});

test("a missed patch is asked for, but not with every patch that follows", () => {
  const w = world();
  w.link.start();
  w.say(hello);
  for (let i = 0; i < 5; i++) w.link.resume();
  assert.deepEqual(w.last.sent, ['{"type":"resume"}']);
  w.tick(3_000);
  w.link.resume();
  assert.equal(w.last.sent.length, 2);
  w.say({ type: "snapshot", tiles: [] });
  w.link.resume();
  assert.equal(w.last.sent.length, 3);
});

test("an answered poll after an outage makes the socket try at once, once", async () => {
  const w = world({ random: 0.999 });
  w.link.start();
  w.say(hello);
  for (let i = 0; i < 9; i++) {
    fail(w);
    await new Promise(setImmediate);
  }
  w.last.onclose(); // a pause of half a minute begins
  const count = w.sockets.length;
  w.answer = { type: "snapshot", tiles: [] };
  w.tick(2_000);
  await new Promise(setImmediate);
  assert.equal(w.link.state, "polling");
  w.tick(500);
  assert.equal(w.sockets.length, count + 1);
  w.last.onclose(); // sockets are blocked, then: back to the long pause
  for (let i = 0; i < 4; i++) {
    w.tick(2_000);
    await new Promise(setImmediate);
  }
  assert.equal(w.sockets.length, count + 1);
});

test("after four failed sockets it polls every two seconds, until a socket gets through", async () => {
  const w = world({ random: 0.1 });
  w.answer = { type: "snapshot", tiles: [] };
  w.link.start();
  for (let i = 0; i < 4; i++) {
    w.last.onclose();
    w.tick(i < 3 ? 500 : 0);
  }
  w.tick(1_000);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(w.link.state, "polling");
  const polls = w.polls;
  for (let i = 0; i < 3; i++) {
    w.tick(2_000);
    await new Promise(setImmediate);
  }
  assert.ok(w.polls > polls);
  w.say(hello);
  assert.equal(w.link.state, "live");
  const done = w.polls;
  w.tick(4_000);
  assert.equal(w.polls, done);
});

test("polling that no longer gets answers is lost", async () => {
  const w = world({ random: 0.1 });
  w.answer = { type: "snapshot", tiles: [] };
  w.link.start();
  for (let i = 0; i < 4; i++) {
    w.last.onclose();
    w.tick(500);
  }
  w.tick(1_000);
  await new Promise(setImmediate);
  assert.equal(w.link.state, "polling");
  w.answer = null;
  for (let i = 0; i < 8; i++) {
    w.tick(2_000);
    await new Promise(setImmediate);
  }
  assert.equal(w.link.state, "lost");
});

test("what is not a frame is passed over", () => {
  const w = world();
  w.link.start();
  w.last.onmessage({ data: "<html>" });
  w.last.onmessage({ data: "null" });
  w.last.onmessage({ data: "7" });
  assert.deepEqual(w.frames, []);
  w.say(hello);
  assert.equal(w.frames.length, 1);
});

test("a stopped line stays stopped", () => {
  const w = world();
  w.link.start();
  w.say(hello);
  w.link.stop();
  w.tick(100_000);
  assert.equal(w.sockets.length, 1);
  assert.equal(w.sockets[0].closed, true);
});

test("a line that the server ends for good may give up, and only then", () => {
  const codes = [];
  const w = world({ refused: (code) => codes.push(code) > 0 && code === 4401 });
  w.link.start();
  w.say(hello);
  w.last.onclose({ code: 1006 });
  w.tick(2_000);
  assert.deepEqual(codes, []);
  w.say(hello);
  w.last.onclose({ code: 4403 });
  w.tick(2_000);
  assert.equal(w.link.state, "lost");
  w.say(hello);
  const count = w.sockets.length;
  w.last.onclose({ code: 4401 });
  assert.equal(w.link.state, "lost");
  w.tick(100_000);
  assert.equal(w.sockets.length, count);
  assert.deepEqual(codes, [4403, 4401]);
});

test("a wall tries on, whatever the code", () => {
  const w = world();
  w.link.start();
  w.say(hello);
  w.last.onclose({ code: 4401 });
  w.tick(1_000);
  assert.equal(w.sockets.length, 2);
});
