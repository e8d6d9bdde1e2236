// The data clock: what time it is for the data, by the server. The wall never
// shows or trusts the clock of the machine it runs on.

/** Differences below this many real milliseconds are the network's, not the clock's. */
const JITTER_MS = 400;

export class Clock {
  #monotonic;
  #base = 0; // data time at #mark, in ms since 1970
  #mark = 0; // monotonic time of the last correction, in ms
  #speed = 1; // data seconds in a real second
  #known = false;

  /** @param {() => number} monotonic real milliseconds that never run backwards */
  constructor(monotonic) {
    this.#monotonic = monotonic;
  }

  /** Whether the server has ever told the time. */
  get known() {
    return this.#known;
  }

  /** Data seconds in a real second; 1 outside demonstrations and replays. */
  get speed() {
    return this.#speed;
  }

  /** @returns {number} the data's time in ms since 1970; 0 before the first sync */
  now() {
    return this.#known ? this.#base + (this.#monotonic() - this.#mark) * this.#speed : 0;
  }

  /**
   * Sets the clock by a frame. Small differences are left alone, so that the
   * shown second does not tremble; a changed speed always counts.
   * @param {string} now RFC 3339  @param {number} [speed] of the data clock, where the frame tells it
   */
  sync(now, speed) {
    const at = Date.parse(now);
    if (Number.isNaN(at)) return;
    const next = speed !== undefined && speed > 0 ? speed : this.#speed;
    const off = Math.abs(at - this.now());
    if (this.#known && next === this.#speed && off <= JITTER_MS * Math.max(1, next)) return;
    this.#speed = next;
    this.#base = at;
    this.#mark = this.#monotonic();
    this.#known = true;
  }
}
