// Reloading for a new version of the page. A wall must never end on a browser's
// error page, so it reloads only after the server has answered with that version.

const JITTER_MS = 3_000; // spreads a hundred screens
const AGAIN_MS = 5_000; // pause before the server is asked once more
const APART_MS = 15_000; // two reloads are never closer

/**
 * @typedef {object} Surroundings
 * @property {() => Promise<string>} page fetches the page itself, fresh; rejects unless the answer is a success
 * @property {() => void} reload
 * @property {() => number} wallClock ms since 1970, the only clock that survives a reload
 * @property {() => number} random in [0, 1)
 * @property {(run: () => void, ms: number) => unknown} later like setTimeout
 * @property {{last: number}} memory when the page last reloaded itself, kept over reloads; ms since 1970
 */

export class Reloader {
  #env;
  #version;
  #wanted = "";
  #waiting = false;

  /** @param {string} version of this page  @param {Surroundings} env */
  constructor(version, env) {
    this.#version = version;
    this.#env = env;
  }

  /** @param {string} version that the server runs; the page's own ends the wish to reload */
  seen(version) {
    if (!version) return;
    this.#wanted = version === this.#version ? "" : version;
    if (this.#wanted && !this.#waiting) this.#plan(this.#env.random() * JITTER_MS);
  }

  /** @param {number} ms */
  #plan(ms) {
    this.#waiting = true;
    this.#env.later(() => void this.#try(), ms);
  }

  async #try() {
    this.#waiting = false;
    if (!this.#wanted) return;
    const rest = this.#env.memory.last + APART_MS - this.#env.wallClock();
    if (rest > 0 && rest <= APART_MS) {
      this.#plan(rest + this.#env.random() * JITTER_MS);
      return;
    }
    if (await this.#served()) {
      this.#env.memory.last = this.#env.wallClock();
      this.#env.reload();
      return;
    }
    this.#plan(AGAIN_MS + this.#env.random() * JITTER_MS);
  }

  /** @returns {Promise<boolean>} whether the page that the server would send is of the wanted version */
  async #served() {
    try {
      return (await this.#env.page()).includes(`data-version="${this.#wanted}"`);
    } catch {
      return false;
    }
  }
}
