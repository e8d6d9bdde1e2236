// The line to the server. It never gives up: a socket that says nothing for too
// long is dropped without waiting for it to notice, the next try comes after a
// random pause, and when sockets do not get through at all it polls.

/** @typedef {import("./wire.js").Frame} Frame */
/** @typedef {"connecting"|"live"|"polling"|"lost"} LinkState */

/** Without a frame for so long the line is dead; the server pings every 5 s. */
export const DEAD_MS = 12_000;
const PAUSE_MS = 500; // first bound of the random pause
const PAUSE_MAX_MS = 30_000;
const WATCH_MS = 1_000;
const POLL_MS = 2_000;
const POLL_AFTER_TRIES = 4;
const RESUME_MS = 3_000; // how often a missed patch is asked for again
const STEADY_MS = 5_000; // a socket that lives so long is a good one: the pauses start small again

/**
 * @typedef {object} Surroundings what the line stands on; tests bring their own
 * @property {() => WebSocket} open
 * @property {() => Promise<Frame>} poll asks once for the whole picture
 * @property {() => number} now monotonic ms
 * @property {() => number} random in [0, 1)
 * @property {(run: () => void, ms: number) => unknown} later like setTimeout
 * @property {(timer: any) => void} cancel like clearTimeout
 * @property {(code: number) => boolean} [refused] asked when the server closes the socket with a code of
 *   its own, from 4400: whether to give up, because trying again would only be refused again
 */

export class Link {
  #env;
  #onFrame;
  #onState;
  /** @type {WebSocket|null} */ #socket = null;
  /** @type {unknown} */ #retry = null;
  /** @type {unknown} */ #watch = null;
  /** @type {LinkState} */ #state = "connecting";
  #tries = 0;
  #began = 0; // when the present socket was opened
  #heard = 0; // when the newest frame came, monotonic ms
  #asked = -Infinity; // when a missing patch was last asked for
  #polled = -Infinity;
  #polling = false;

  /**
   * @param {Surroundings} env
   * @param {(frame: Frame) => void} onFrame
   * @param {(state: LinkState) => void} onState only when it changes
   */
  constructor(env, onFrame, onState) {
    this.#env = env;
    this.#onFrame = onFrame;
    this.#onState = onState;
  }

  /** @returns {LinkState} */
  get state() {
    return this.#state;
  }

  /** When the newest frame came, in ms of the monotonic clock; the start before the first. */
  get heard() {
    return this.#heard;
  }

  /** Connects, and keeps connected until stop. */
  start() {
    this.#heard = this.#env.now();
    this.#connect();
    this.#look();
  }

  /** Ends it all. */
  stop() {
    this.#env.cancel(this.#watch);
    this.#env.cancel(this.#retry);
    this.#drop();
  }

  /** Tries at once: the network is back, or somebody looks at the page again. */
  wake() {
    if (this.#state === "live") return;
    this.#tries = 0;
    if (this.#retry !== null) this.#connect();
  }

  /** Asks for a snapshot because a patch was missed. */
  resume() {
    const now = this.#env.now();
    if (!this.#socket || this.#socket.readyState !== 1 || now - this.#asked < RESUME_MS) return;
    this.#asked = now;
    this.#socket.send('{"type":"resume"}');
  }

  #connect() {
    this.#env.cancel(this.#retry);
    this.#retry = null;
    this.#drop();
    this.#asked = -Infinity;
    this.#began = this.#env.now();
    let socket;
    try {
      socket = this.#env.open();
    } catch {
      this.#failed();
      return;
    }
    this.#socket = socket;
    socket.onmessage = (event) => this.#take(event.data);
    socket.onclose = (event) => this.#closed(event?.code ?? 0);
  }

  /** @param {unknown} data */
  #take(data) {
    this.#heard = this.#env.now();
    let frame;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return; // not a frame; the ones after it may be
    }
    if (frame === null || typeof frame !== "object") return;
    if (frame.type === "hello") this.#become("live");
    if (frame.type === "snapshot") this.#asked = -Infinity;
    this.#onFrame(frame);
  }

  /** Lets go of the socket at once; close alone would wait for the other side. */
  #drop() {
    const old = this.#socket;
    this.#socket = null;
    if (!old) return;
    old.onmessage = old.onclose = null;
    old.close();
  }

  /** @param {number} code */
  #closed(code) {
    if (code < 4400 || !this.#env.refused?.(code)) {
      this.#failed();
      return;
    }
    this.stop();
    this.#become("lost");
  }

  #failed() {
    this.#drop();
    if (this.#state === "live") this.#become("lost");
    const bound = Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** Math.min(this.#tries, 10));
    this.#tries++;
    this.#retryIn(this.#env.random() * bound);
  }

  /** @param {number} ms */
  #retryIn(ms) {
    if (this.#retry !== null) this.#env.cancel(this.#retry);
    this.#retry = this.#env.later(() => this.#connect(), ms);
  }

  /** Looks after the line once a second. */
  #look() {
    this.#watch = this.#env.later(() => this.#look(), WATCH_MS);
    const now = this.#env.now();
    const quiet = now - Math.max(this.#heard, this.#began);
    if (this.#socket && quiet > DEAD_MS) this.#failed();
    if (this.#state === "live" && now - this.#began > STEADY_MS) this.#tries = 0;
    if (this.#state === "polling" && now - this.#heard > DEAD_MS) this.#become("lost");
    const wanted = this.#state !== "live" && this.#tries >= POLL_AFTER_TRIES;
    if (wanted && !this.#polling && now - this.#polled >= POLL_MS) void this.#poll();
  }

  async #poll() {
    this.#polling = true;
    this.#polled = this.#env.now();
    try {
      const frame = await this.#env.poll();
      if (this.#state === "live") return; // a socket got through meanwhile and knows better
      this.#heard = this.#env.now();
      // The server is back: the socket need not wait out its pause.
      if (this.#state !== "polling" && this.#retry !== null) this.#retryIn(this.#env.random() * PAUSE_MS);
      this.#become("polling");
      this.#onFrame(frame);
    } catch {
      // Nobody there either; the next look tries again.
    } finally {
      this.#polling = false;
    }
  }

  /** @param {LinkState} state */
  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#onState(state);
  }
}
