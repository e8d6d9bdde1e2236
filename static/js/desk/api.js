// Questions and acts between a page for people and the server. What goes wrong is a
// Problem, in the visitor's language, as the server wrote it or as no server answered.

const PATIENCE_MS = 15_000;
const UPLOAD_MS = 120_000;

/** What went wrong, as RFC 9457 tells it. */
export class Problem extends Error {
  /**
   * @param {number} status of the answer; 0: there was none
   * @param {any} [document] the problem document
   * @param {number} [retry] seconds until another try makes sense; 0: not by itself
   */
  constructor(status, document = {}, retry = 0) {
    super(document?.title || document?.code || String(status));
    this.status = status;
    this.retry = retry;
    /** @type {string} */ this.code = document?.code || (status === 0 ? "offline" : String(status));
    /** @type {string} */ this.title = document?.title ?? "";
    /** @type {string} */ this.detail = document?.detail ?? "";
    /** @type {string} for those who mend it */ this.why = document?.cause ?? "";
    /** @type {string} */ this.id = document?.request_id ?? "";
    /** @type {any} what the server adds, such as the case as it is now */ this.answer = document?.answer ?? null;
  }
}

/**
 * @typedef {object} Surroundings what the questions stand on; tests bring their own
 * @property {(path: string, init: RequestInit) => Promise<Response>} fetch
 * @property {() => void} signIn goes to the sign-in page, and comes back here afterwards
 * @property {string} lang
 */

export class Api {
  #env;
  /** @type {Set<Promise<unknown>>} acts without an answer */ #sending = new Set();
  #ahead = 0; // ms by which the server's clock is ahead of this machine's
  /** @type {string} of the session: proves that an act comes from a page of ours */ csrf = "";

  /** @param {Surroundings} env */
  constructor(env) {
    this.#env = env;
  }

  /**
   * What time it is at the server, to the second. People, tokens and the audit are dated
   * by it; all else by the clock of the data, which a demonstration lets run faster.
   * @returns {number} ms since 1970
   */
  get now() {
    return Date.now() + this.#ahead;
  }

  /**
   * Asks for JSON. The browser keeps what has a tag, and asks whether it still holds.
   * @param {string} path  @param {{stay?: boolean}} [how] stay: do not go to the sign-in page
   * @returns {Promise<any>}
   * @throws {Problem}
   */
  async ask(path, how = {}) {
    const session = this.csrf;
    try {
      return (await this.#fetch(path, { cache: "no-cache" }, { stay: true })).body;
    } catch (err) {
      if (how.stay || !(err instanceof Problem) || err.status !== 401) throw err;
      await this.settled();
      if (this.csrf !== session) return (await this.#fetch(path, { cache: "no-cache" }, how)).body;
      this.#env.signIn();
      throw err;
    }
  }

  /**
   * Waits until every act that is on its way has its answer, and who sent it has read
   * that: a new password ends the session that it was sent in, and begins another.
   */
  async settled() {
    if (this.#sending.size === 0) return;
    await Promise.allSettled(this.#sending);
    await new Promise((read) => setTimeout(read));
  }

  /**
   * Sends an act and waits for its answer.
   * @param {string} path  @param {object|Blob} body a blob is sent as it is
   * @param {{stay?: boolean}} [how]
   * @returns {Promise<{status: number, body: any}>} status 202: taken, but not applied yet
   * @throws {Problem}
   */
  async send(path, body, how = {}) {
    const blob = body instanceof Blob;
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": blob ? body.type : "application/json" };
    if (this.csrf) headers["Rasad-Token"] = this.csrf;
    const answer = this.#fetch(path, { method: "POST", headers, body: blob ? body : JSON.stringify(body), cache: "no-store" }, how, blob ? UPLOAD_MS : PATIENCE_MS);
    this.#sending.add(answer);
    try {
      return await answer;
    } finally {
      this.#sending.delete(answer);
    }
  }

  /** @param {string} path  @param {RequestInit} init  @param {{stay?: boolean}} how  @param {number} [patience] ms */
  async #fetch(path, init, how, patience = PATIENCE_MS) {
    const headers = { Accept: "application/json", "Accept-Language": this.#env.lang, .../** @type {object} */ (init.headers) };
    let answer;
    try {
      answer = await this.#env.fetch(path, { ...init, headers, credentials: "same-origin", signal: AbortSignal.timeout(patience) });
    } catch {
      throw new Problem(0);
    }
    const at = Date.parse(answer.headers.get("Date") ?? "");
    if (!Number.isNaN(at)) this.#ahead = at - Date.now();
    const body = await answer.json().catch(() => null);
    if (answer.ok) return { status: answer.status, body };
    if (answer.status === 401 && !how.stay) this.#env.signIn();
    throw new Problem(answer.status, body ?? {}, Number(answer.headers.get("Retry-After")) || 0);
  }
}

/** @returns {string} an id for an act, so that sending it again does no harm; secure contexts are not needed */
export function actID() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `web-${[...bytes].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Where to go after signing in: only paths of this server.
 * @param {string|null} next  @param {string} origin such as location.origin
 * @returns {string} "/" for anything that is not ours
 */
export function ownPath(next, origin) {
  if (!next || !next.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  try {
    const url = new URL(next, origin);
    if (url.origin !== origin || url.pathname.startsWith("//") || url.pathname === "/signin") return "/";
    return url.pathname + url.search + url.hash;
  } catch {
    return "/";
  }
}
