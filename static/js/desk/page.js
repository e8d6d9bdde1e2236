// A page for people, from its first question to its last drawing.
//
// To add a page: write js/desk/NAME.js, which calls boot with what is its own, and
// css/desk-NAME.css; put its words into js/text, in both languages; give it an address
// at the server, which fills desk.html with PAGE = NAME. The head, the line to the
// server, signing in, dialogs, toasts and what goes wrong are here already.
//
//   boot({
//     view: (p) => p.department,                    // of the websocket; leave out for none
//     load: async (p) => { list = await p.api.ask("/api/v1/…"); },
//     body: (p) => html`<div class="title">…</div>`,
//   });

import { html, nothing, render } from "../../third_party/lit-3.3.3.js";
import { Clock } from "../clock.js";
import { formatsReady } from "../formats-ready.js";
import { Store } from "../store.js";
import { deskWording } from "../text/desk.js";
import { Api, Problem } from "./api.js";
import { closeSheet, dialog } from "./dialog.js";
import { keep, placeOf, to } from "./focus.js";
import { DeskFormat } from "./format.js";
import { foot, head, notices } from "./head.js";
import { connect } from "./line.js";
import { failed, waiting } from "./parts.js";
import { changePassword } from "./password.js";
import { icon } from "./shapes.js";

/** @typedef {"live"|"polling"|"connecting"|"reconnecting"|"lost"} Line */

/**
 * @typedef {object} Plan what is a page's own
 * @property {(p: Page) => Promise<void>} [load] asks for what the page shows; p.again() has it asked once more
 * @property {(p: Page) => unknown} body below the head, once load has come to its end
 * @property {(p: Page) => string} [view] whose frames the page follows
 * @property {(p: Page, frame: import("../wire.js").Frame) => void} [frame] told of every frame, after the store
 * @property {(p: Page) => void} [second] told once a second
 * @property {boolean} [open] it is also there for those who have not signed in
 * @property {boolean} [atOnce] its body does not wait for the server
 */

const GRACE_MS = 3_000; // a line that is back within this is not called lost
const AGAIN_MS = 5_000; // pause before a question that found no server is asked again
const TOAST_MS = 6_000;
const ROWS = 20; // of a long list that a frame adds
const STAGES = 4; // frames after the first in which a body may grow

export class Page {
  lang = /** @type {import("../wire.js").Lang} */ (document.documentElement.lang === "en" ? "en" : "fa");
  dir = /** @type {"rtl"|"ltr"} */ (document.documentElement.dir === "ltr" ? "ltr" : "rtl");
  version = document.documentElement.dataset.version ?? "";
  name = document.documentElement.dataset.page ?? "";
  department = document.documentElement.dataset.department ?? "";
  number = document.documentElement.dataset.number ?? "";
  t = deskWording(this.lang);
  f = new DeskFormat(this.lang, document.documentElement.dataset.zone || "UTC");
  clock = new Clock(() => performance.now());
  store = new Store();
  api;
  /** @type {import("./wire.js").Session|null} */ session = null;
  /** @type {Promise<import("./wire.js").Session>|null} the same while it is being asked for: load does not wait for it */ asked = null;
  /** @type {import("../wire.js").City|null} */ city = null;
  /** @type {import("../wire.js").Season|null} */ season = null;
  /** @type {Problem|null} why the page shows nothing */ problem = null;
  ready = false; // load has come to its end once
  stage = 0; // how many frames the body has been drawn in: a long one comes in parts, so that the page answers in between
  ended = false; // the server does not want to see us any more
  newer = false; // the server has a newer version of the page
  beat = 0;

  #plan;
  #root;
  #queued = false;
  /** @type {Map<string, number>} rows of each long list that may be drawn */ #rows = new Map();
  #filling = false; // one of them is not whole yet
  /** @type {import("../link.js").Link|null} */ #link = null;
  #linkOf = ""; // the session with which it was connected, by its csrf
  /** @type {((p: Page) => import("./dialog.js").Sheet)|null} */ #sheet = null;
  /** @type {import("./focus.js").Place|null} where the focus was before the dialog */ #opener = null;
  /** @type {{words: string, kind: "ok"|"alert", key: number}[]} */ #toasts = [];
  #toast = 0;
  #formats = Promise.resolve();

  /** @param {HTMLElement} root  @param {Plan} plan */
  constructor(root, plan) {
    this.#root = root;
    this.#plan = plan;
    this.ready = plan.atOnce === true;
    this.api = new Api({ fetch: (path, init) => fetch(path, init), signIn: () => location.assign(this.signInHref), lang: this.lang });
  }

  /** Starts everything; it ends with the page. */
  start() {
    setInterval(() => this.#second(), 1_000);
    addEventListener("online", () => {
      this.#link?.wake();
      if (this.problem?.code === "offline") this.again();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#link?.wake();
    });
    this.#root.replaceChildren(); // the head that the server wrote, to be seen until now
    this.draw();
    this.#formats = formatsReady(new URL("../formats.js", import.meta.url)).then(() => this.f.warm());
    void this.#begin();
  }

  /** @returns {number} data time in ms since 1970 */
  get now() {
    return this.clock.now();
  }

  /** @returns {number} real seconds since the newest frame */
  get silence() {
    return this.#link ? Math.floor((performance.now() - this.#link.heard) / 1000) : 0;
  }

  /** @returns {Line|""} the state of the line as people should see it; "" for a page without */
  get line() {
    if (!this.#link) return "";
    const state = this.#link.state;
    if (state === "live" || state === "polling") return state;
    if (performance.now() - this.#link.heard > GRACE_MS) return "lost";
    return this.store.epoch === "" ? "connecting" : "reconnecting";
  }

  /** @returns {string} where to sign in, and come back here */
  get signInHref() {
    const here = location.pathname + location.search + location.hash;
    return `/signin?next=${encodeURIComponent(here)}`;
  }

  /** @param {import("../wire.js").Lang} lang  @returns {string} this page in that language */
  inLang(lang) {
    const q = new URLSearchParams(location.search);
    q.set("lang", lang);
    return `?${q}${location.hash}`;
  }

  /** Turns to the other language, and remembers it.  @param {import("../wire.js").Lang} lang  @param {Event} e */
  speak(lang, e) {
    e.preventDefault();
    document.cookie = `rasad_lang=${lang}; path=/; max-age=31536000; samesite=lax`;
    const url = new URL(location.href);
    url.searchParams.delete("lang");
    if (url.href === location.href) location.reload();
    else location.replace(url);
  }

  /** Asks for a drawing; many questions make one. */
  draw() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      const was = placeOf(this.#root);
      render(this.#page(), this.#root);
      keep(this.#root, was);
      if (this.ready && this.stage < STAGES) {
        this.stage++;
        this.draw();
      }
    });
  }

  /** Moves the focus, after the next drawing, to where an answer shows.  @param {string} id */
  turnTo(id) {
    this.draw();
    requestAnimationFrame(() => {
      const e = document.getElementById(id);
      if (e) to(e, true);
    });
  }

  /**
   * A long list, of which each frame draws some rows more, so that the page answers in
   * between.
   * @template T  @param {string} which  @param {T[]} list  @returns {T[]} as far as it has come
   */
  part(which, list) {
    const rows = (this.#rows.get(which) ?? 0) + ROWS;
    if (rows - ROWS >= list.length) return list;
    this.#rows.set(which, rows);
    if (rows < list.length) {
      this.#filling = true;
      this.draw();
    }
    return list.slice(0, rows);
  }

  /** Has the page ask once more for what it shows. */
  again() {
    this.problem = null;
    this.draw();
    return this.#begin();
  }

  /** Says something for a few seconds.  @param {string} words  @param {"ok"|"alert"} [kind] */
  say(words, kind = "ok") {
    const key = ++this.#toast;
    this.#toasts.push({ words, kind, key });
    setTimeout(() => {
      this.#toasts = this.#toasts.filter((x) => x.key !== key);
      this.draw();
    }, TOAST_MS);
    this.draw();
  }

  /** Says in a toast what went wrong.  @param {unknown} err */
  sayProblem(err) {
    const p = err instanceof Problem ? err : new Problem(500);
    this.say(p.code === "offline" ? this.t.offline : [p.title || this.t.failed, p.detail].filter(Boolean).join(": "), "alert");
  }

  /** Opens a dialog; it is drawn anew with the page.  @param {(p: Page) => import("./dialog.js").Sheet} sheet */
  show(sheet) {
    if (!this.#sheet) this.#opener = placeOf(this.#root);
    this.#sheet = sheet;
    this.draw();
  }

  /** Closes the dialog. */
  hide = () => closeSheet();

  /** The dialog has been closed, by whomever.  @param {import("./dialog.js").Sheet} sheet */
  closed(sheet) {
    this.#sheet = null;
    sheet.close?.();
    this.draw();
    requestAnimationFrame(() => keep(this.#root, this.#opener)); // what opened it may be gone
  }

  /** @returns {boolean} whether a dialog is open */
  get busy() {
    return this.#sheet !== null;
  }

  /** To the content, past the head.  @param {Event} e */
  toMain = (e) => {
    e.preventDefault();
    document.getElementById("main")?.focus();
  };

  changePassword() {
    changePassword(this);
  }

  async signOut() {
    try {
      await this.api.send("/api/v1/session/end", {});
      location.assign("/signin");
    } catch (err) {
      this.sayProblem(err);
    }
  }

  /** Takes over who the visitor is, as the server tells it.  @param {import("./wire.js").Session} s */
  adopt(s) {
    this.session = s;
    this.api.csrf = s.csrf;
    this.clock.sync(s.now, s.speed);
    this.adoptCity(s.city, s.season ?? this.season);
  }

  /** @param {import("../wire.js").City} city  @param {import("../wire.js").Season|null} season */
  adoptCity(city, season) {
    if (city.zone !== this.f.zone) this.f = new DeskFormat(this.lang, city.zone);
    this.city = city;
    this.season = season;
  }

  async #begin() {
    try {
      this.asked = this.api.ask("/api/v1/session", { stay: true });
      const loaded = this.#plan.load?.(this);
      loaded?.catch(() => {}); // heard below
      const [session] = await Promise.all([this.asked, this.#formats]);
      this.adopt(session);
      if (!this.#plan.open && !this.session?.person) {
        location.replace(this.signInHref);
        return;
      }
      setTimeout(() => this.#connect()); // by itself: to open a socket takes a moment, too
      await loaded;
      this.ready = true;
      this.problem = null;
    } catch (err) {
      this.problem = err instanceof Problem ? err : new Problem(500, { title: this.t.failed, detail: String(err) });
      if (this.problem.code === "offline") setTimeout(() => this.problem?.code === "offline" && void this.again(), AGAIN_MS);
    } finally {
      this.draw();
    }
  }

  /**
   * The server does not let the line go on. Whose session has ended is asked to sign in;
   * who has begun another one meanwhile goes on with that.
   * @param {boolean} signedOut false: who is signed in may not see this any more
   */
  async turnedAway(signedOut) {
    await this.api.settled();
    /** @type {import("./wire.js").Session|null} */
    const s = signedOut ? await this.api.ask("/api/v1/session", { stay: true }).catch(() => null) : null;
    if (s && !s.person) location.assign(this.signInHref);
    else if (s && s.person?.id === this.session?.person?.id && s.csrf !== this.#linkOf) {
      this.adopt(s);
      this.#linkOf = s.csrf;
      this.#link?.stop();
      this.#link?.start();
    } else this.ended = true;
    this.draw();
  }

  #connect() {
    const view = this.#plan.view?.(this);
    if (!view || this.#link) return;
    this.#linkOf = this.api.csrf;
    this.#link = connect(this, view, (frame) => this.#take(frame));
    this.#link.start();
  }

  /** @param {import("../wire.js").Frame} frame */
  #take(frame) {
    if (frame.type === "hello") this.clock.sync(frame.now, frame.speed);
    else if (frame.now) this.clock.sync(frame.now);
    if ("version" in frame && frame.version) this.newer = frame.version !== this.version;
    if (this.store.apply(frame) === "gap") this.#link?.resume();
    this.#plan.frame?.(this, frame);
    this.draw();
  }

  #second() {
    this.beat++;
    if (this.ready) this.#plan.second?.(this);
    this.draw();
  }

  /** Why the page shows nothing, and where to go.  @param {Problem} problem */
  #failed(problem) {
    const useless = problem.status === 403 || problem.status === 404;
    return html`<div class="stack">${failed(this, problem, useless ? undefined : () => void this.again())}
      <p class="buttons"><a class="button" href="/">${icon("home")}${this.t.home}</a></p></div>`;
  }

  #page() {
    this.#filling = false;
    const page = this.problem && !this.ready ? this.#failed(this.problem) : this.ready ? this.#plan.body(this) : waiting(this);
    return html`${head(this)} ${notices(this)}
      <main class="main" id="main" tabindex="-1" aria-busy=${this.problem || (this.stage === STAGES && !this.#filling) ? nothing : "true"}>${page}</main>
      ${this.problem || this.stage === STAGES ? foot(this) : nothing} ${dialog(this, this.#sheet)}
      <div class="toasts" role="status" aria-live="polite">${this.#toasts.map((x) => html`<p class="toast" data-kind=${x.kind}>${x.words}</p>`)}</div>`;
  }
}

/** Starts the page.  @param {Plan} plan  @returns {Page|null} null where there is no room for it */
export function boot(plan) {
  const root = document.getElementById("app");
  if (!root) return null;
  const page = new Page(root, plan);
  page.start();
  return page;
}
