import assert from "node:assert/strict";
import { test } from "node:test";
import { formatsReady } from "../js/formats-ready.js";

const thread = new URL("http://rasad.test/s/1/js/formats.js");

/** @param {import("node:test").TestContext} t  @param {Record<string, unknown>} some  globals for the length of a test */
function given(t, some) {
  const globals = /** @type {any} */ (globalThis);
  for (const [name, value] of Object.entries(some)) {
    const had = Object.getOwnPropertyDescriptor(globals, name);
    Object.defineProperty(globals, name, { value, configurable: true, writable: true });
    t.after(() => (had ? Object.defineProperty(globals, name, had) : delete globals[name]));
  }
}

class Thread {
  /** @type {Thread[]} */ static made = [];
  ended = false;
  /** @type {(() => void)|null} */ onmessage = null;
  /** @type {(() => void)|null} */ onerror = null;
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    Thread.made.push(this);
  }
  terminate() {
    this.ended = true;
  }
}

/** @param {Promise<void>} p  @returns {Promise<boolean>} whether it is settled by now */
const settled = (p) => Promise.race([p.then(() => true), new Promise((r) => setImmediate(() => r(false)))]);

test("a page waits for the thread, and lets it go", async (t) => {
  Thread.made = [];
  given(t, { Worker: Thread });
  const ready = formatsReady(thread);
  assert.equal(await settled(ready), false);
  const [w] = Thread.made;
  assert.equal(w.address, thread.href);
  w.onmessage?.();
  assert.equal(await settled(ready), true);
  assert.equal(w.ended, true);
});

test("a thread that fails, or is refused, holds nothing up", async (t) => {
  Thread.made = [];
  given(t, { Worker: Thread });
  const ready = formatsReady(thread);
  Thread.made[0].onerror?.();
  assert.equal(await settled(ready), true);
  given(t, { Worker: undefined });
  assert.equal(await settled(formatsReady(thread)), true);
});

test("a thread that says nothing is waited for half a second", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  given(t, { Worker: Thread });
  const ready = formatsReady(thread);
  t.mock.timers.tick(499);
  assert.equal(await settled(ready), false);
  t.mock.timers.tick(1);
  assert.equal(await settled(ready), true);
});

test("only an address of the page's own server becomes a thread", async (t) => {
  Thread.made = [];
  const trustedTypes = {
    /** @param {string} name  @param {{createScriptURL: (a: string) => string}} rules */
    createPolicy(name, rules) {
      assert.equal(name, "rasad-formats");
      return rules;
    },
  };
  given(t, { Worker: Thread, trustedTypes, location: { origin: thread.origin } });
  void formatsReady(thread);
  assert.equal(Thread.made.length, 1);
  assert.equal(await settled(formatsReady(new URL("http://elsewhere.test/formats.js"))), true);
  assert.equal(Thread.made.length, 1);
  Thread.made[0].onmessage?.();
});
