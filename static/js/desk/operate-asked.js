// What a tab asks the server for, and asks again while somebody looks at it.

import { Problem, actID } from "./api.js";
import { failed, waiting } from "./parts.js";

/** @typedef {import("./page.js").Page} Page */

/** @template T */
export class Asked {
  /** @type {T|null} the newest answer */ value = null;
  /** @type {Problem|null} why there was none to the newest question */ problem = null;
  #p;
  #ask;
  #each;
  #turn = 0; // counts questions: only the newest answer is taken
  #at = -Infinity;

  /**
   * @param {Page} p  @param {() => Promise<T>} ask  @param {number} each ms after which it is asked again
   */
  constructor(p, ask, each) {
    this.#p = p;
    this.#ask = ask;
    this.#each = each;
  }

  /** Asks now. What is known stays where there is no answer. */
  again = async () => {
    const mine = ++this.#turn;
    this.#at = performance.now();
    try {
      const value = await this.#ask();
      if (mine !== this.#turn) return;
      this.value = value;
      this.problem = null;
    } catch (err) {
      if (mine !== this.#turn) return;
      this.problem = problemOf(this.#p, err);
    }
    this.#p.draw();
  };

  /** Asks where nothing is known yet. */
  begin() {
    if (this.value === null && this.#at === -Infinity) void this.again();
  }

  /** Told once a second.  @param {boolean} looked whether it is before somebody's eyes */
  second(looked) {
    const wait = looked ? this.#each : 6 * this.#each;
    if (document.visibilityState === "visible" && performance.now() - this.#at >= wait) void this.again();
  }

  /**
   * The answer as it is drawn; before it, that it is on its way or why it is not.
   * @param {(value: T) => unknown} draw
   */
  drawn(draw) {
    const problem = this.problem ? failed(this.#p, this.problem, () => void this.again()) : "";
    if (this.value === null) return problem || waiting(this.#p, 6);
    return [problem, draw(this.value)];
  }
}

/** @param {Page} p  @param {unknown} err  @returns {Problem} */
export const problemOf = (p, err) => (err instanceof Problem ? err : new Problem(500, { title: p.t.failed, detail: String(err) }));

/**
 * Sends an act. The same act is never done twice: it keeps its id while nobody
 * answers, and has another one when what it says has changed.
 */
export class Act {
  busy = false;
  /** @type {Problem|null} */ problem = null;
  #p;
  #id = "";
  #said = "";

  /** @param {Page} p */
  constructor(p) {
    this.#p = p;
  }

  /**
   * @param {string} path  @param {object} body without its id
   * @returns {Promise<{status: number, body: any}|null>} null: problem says why not, or the one before is still on its way
   */
  async send(path, body) {
    if (this.busy) return null;
    const said = JSON.stringify([path, body]);
    if (said !== this.#said || this.#id === "") this.#id = actID();
    this.#said = said;
    this.busy = true;
    this.problem = null;
    this.#p.draw();
    try {
      return await this.#p.api.send(path, { id: this.#id, ...body });
    } catch (err) {
      this.problem = problemOf(this.#p, err);
      if (this.problem.status !== 0) this.#id = "";
      return null;
    } finally {
      this.busy = false;
      this.#p.draw();
    }
  }
}
