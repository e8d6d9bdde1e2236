// The wall: joins the line, the store, the clock and the views, and draws at most
// once a frame. For tests it shows window.rasad = {state, updates}, read only.

import { html, nothing, render } from "../third_party/lit-3.3.3.js";
import { ask, askPage, socketAddress } from "./ask.js";
import { Calendar } from "./calendar.js";
import { Clock } from "./clock.js";
import { Format } from "./format.js";
import { formatsReady } from "./formats-ready.js";
import { Link } from "./link.js";
import { Reloader } from "./reload.js";
import { Store } from "./store.js";
import { wording } from "./text/text.js";
import { Pace, hasData, shape } from "./today.js";
import { crowding } from "./view/crowding.js";
import { day } from "./view/day.js";
import { head } from "./view/head.js";
import { foot } from "./view/line.js";
import { numbers } from "./view/numbers.js";

/** @typedef {import("./wire.js").Described} Described */
/** @typedef {"live"|"polling"|"connecting"|"reconnecting"|"lost"} Line */
/** @typedef {Wall} View what the views draw from */

const GRACE_MS = 3_000; // a line that is back within this is not called lost
const BEAT_MS = 1_000; // the heart beats once a second at most
const AGAIN_MS = 5_000; // pause before a question that failed is asked again
const PARTS = 6; // of the board, a frame each: numbers, chart, places by tens
const PLACES = 10;
const SHIFT_MS = 60_000; // the picture moves a little, against burn-in
/** Steps of the shift, in hundredths of the layout unit; at most 0.35 units, 7 px at 1080 lines. */
const SHIFTS = [[0, 0], [30, 15], [15, 35], [-20, 25], [-35, -10], [10, -30]];

class Wall {
  lang = /** @type {import("./wire.js").Lang} */ (document.documentElement.lang === "en" ? "en" : "fa");
  dir = document.documentElement.dir === "ltr" ? "ltr" : "rtl";
  version = document.documentElement.dataset.version ?? "";
  #screen = document.documentElement.dataset.screen ?? "";
  t = wording(this.lang);
  f = new Format(this.lang, document.documentElement.dataset.zone || "UTC");
  clock = new Clock(() => performance.now());
  /** @type {Calendar|null} */ calendar = null;
  /** @type {Described|null} */ described = null;
  /** @type {Map<string, import("./wire.js").Indicator>} */ indicators = new Map();
  /** @type {import("./today.js").Today|null} */ today = null;
  /** @type {import("./view/room.js").Room} */ room = { rows: 6, columns: 1 };
  beat = 0;
  unknown = false; // the server does not know this screen
  stage = 0; // how many parts of the board are drawn: it comes in parts, so that the page answers in between

  #store = new Store();
  #pace = new Pace();
  #beaten = -Infinity;
  #queued = false;
  #describedAs = ""; // epoch and local day of the description in hand
  #describing = false;
  #describeAfter = -Infinity;
  #reading = false;
  /** @type {Promise<unknown>} what the board is drawn with */ #parts = Promise.resolve();
  #root;
  #link;
  #reloader;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#reloader = new Reloader(this.version, {
      page: askPage,
      reload: () => location.reload(),
      wallClock: () => Date.now(),
      random: () => Math.random(),
      later: (run, ms) => setTimeout(run, ms),
      memory: memory(),
    });
    this.#link = new Link(
      {
        open: () => new WebSocket(socketAddress(this.#screen)),
        poll: () => ask(`/api/v1/tiles?view=${encodeURIComponent(this.#screen)}`),
        now: () => performance.now(),
        random: () => Math.random(),
        later: (run, ms) => setTimeout(run, ms),
        cancel: (timer) => clearTimeout(timer),
      },
      (frame) => this.#take(frame),
      () => this.draw(),
    );
  }

  /** Starts everything; it ends with the page. */
  async start() {
    this.#second();
    // uPlot makes a format as soon as it is there, so the chart comes after them.
    this.#parts = formatsReady(new URL("./formats.js", import.meta.url)).then(() => import("./view/chart.js"));
    await this.#parts;
    this.f.warm();
    this.#link.start();
    addEventListener("online", () => this.#link.wake());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#link.wake();
    });
    setInterval(() => this.#second(), 1_000);
    let step = 0;
    setInterval(() => this.#shift(++step), SHIFT_MS);
  }

  /** @returns {number} data time in ms since 1970 */
  get now() {
    return this.clock.now();
  }

  /** @returns {ReadonlyMap<string, import("./wire.js").Tile>} by key */
  get tiles() {
    return this.#store.tiles;
  }

  /** Tiles taken over so far. */
  get updates() {
    return this.#store.updates;
  }

  /** @returns {number} real seconds since the newest frame */
  get silence() {
    return Math.floor((performance.now() - this.#link.heard) / 1000);
  }

  /** @returns {Line} the state of the line as people should see it */
  get line() {
    const state = this.#link.state;
    if (state === "live" || state === "polling") return state;
    if (performance.now() - this.#link.heard > GRACE_MS) return "lost";
    return this.#store.epoch === "" ? "connecting" : "reconnecting";
  }

  /** @param {string} indicator  @returns {string} the name of its unit */
  unitOf(indicator) {
    return this.indicators.get(indicator)?.unit_name[this.lang] ?? "";
  }

  /** Taken by the list of places when its room changes.  @param {import("./view/room.js").Room} room */
  onRoom = (room) => {
    this.room = room;
    this.draw();
  };

  /** Asks for a drawing; many questions make one. */
  draw() {
    if (this.#queued) return;
    this.#queued = true;
    requestAnimationFrame(() => {
      this.#queued = false;
      render(page(this), this.#root);
      if (this.described && this.stage < PARTS) {
        this.stage++;
        this.draw();
      }
    });
  }

  /** @param {import("./wire.js").Frame} frame */
  #take(frame) {
    if (frame.type === "hello") {
      this.clock.sync(frame.now, frame.speed);
      this.#reloader.seen(frame.version);
      this.#pace.hurry();
    } else if (frame.now) {
      this.clock.sync(frame.now);
      if ("version" in frame) this.#reloader.seen(frame.version);
    }
    if (this.#store.apply(frame) === "gap") this.#link.resume();
    if (performance.now() - this.#beaten >= BEAT_MS) {
      this.#beaten = performance.now();
      this.beat++;
    }
    if (frame.type === "hello") this.#second();
    this.draw();
  }

  #second() {
    void this.#describe();
    void this.#readToday();
    this.draw();
  }

  /** Asks what this screen shows: at first, after each start of the server, on each new day. */
  async #describe() {
    const date = this.calendar && this.clock.known ? this.calendar.local(this.now).date : "";
    const wanted = `${this.#store.epoch} ${date}`;
    const real = performance.now();
    if (this.#describing || real < this.#describeAfter || (this.described && wanted === this.#describedAs)) return;
    this.#describing = true;
    this.#describeAfter = real + AGAIN_MS;
    try {
      /** @type {Described} */
      const d = await ask(`/api/v1/screens/${encodeURIComponent(this.#screen)}`);
      await this.#parts;
      this.#adopt(d);
      this.#describedAs = `${this.#store.epoch} ${this.clock.known && this.calendar ? this.calendar.local(this.now).date : ""}`;
      this.unknown = false;
      this.#pace.hurry();
      void this.#readToday();
    } catch (err) {
      this.unknown = err instanceof Error && err.message === "404";
    } finally {
      this.#describing = false;
      this.draw();
    }
  }

  /** @param {Described} d */
  #adopt(d) {
    if (d.city.zone !== this.described?.city.zone) {
      if (d.city.zone !== this.f.zone) this.f = new Format(this.lang, d.city.zone);
      this.calendar = new Calendar(d.city.zone);
    }
    this.described = d;
    this.indicators = new Map(d.indicators.map((i) => [i.id, i]));
  }

  /** Reads the chart when it is due. */
  async #readToday() {
    const chart = this.described?.screen.chart;
    const line = this.#link.state;
    if (!chart || !this.calendar || !this.clock.known || this.#reading || (line !== "live" && line !== "polling")) return;
    if (!this.#pace.due(performance.now(), this.now)) return;
    this.#reading = true;
    const from = this.calendar.dayStart(this.now);
    const to = this.calendar.nextDay(this.now);
    const before = this.calendar.dayStart(from - 1);
    try {
      const [today, yesterday] = await Promise.all([this.#series(chart, from, to), this.#series(chart, before, from)]);
      this.today = shape(today, yesterday, { from, to, before }, this.now);
      if (!hasData(this.today)) this.#pace.hurry(); // the history may still be filling
    } catch {
      this.#pace.hurry();
    } finally {
      this.#reading = false;
      this.draw();
    }
  }

  /** @param {string} id  @param {number} from ms  @param {number} to ms  @returns {Promise<import("./wire.js").Series>} */
  #series(id, from, to) {
    const q = new URLSearchParams({ from: stamp(from), to: stamp(to), step: "1h", by: "city" });
    return ask(`/api/v1/indicators/${encodeURIComponent(id)}/series?${q}`);
  }

  /** @param {number} step */
  #shift(step) {
    const [x, y] = SHIFTS[step % SHIFTS.length];
    this.#root.style.setProperty("--shift-x", String(x / 100));
    this.#root.style.setProperty("--shift-y", String(y / 100));
  }
}

/** @param {number} ms  @returns {string} RFC 3339 in whole seconds */
const stamp = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");

/** @param {View} v */
function page(v) {
  if (v.unknown && !v.described) return html`<div class="wall" data-line=${v.line}>${head(v)}<p class="nothing">${v.t.unknownScreen}</p>${foot(v)}</div>`;
  return html`<div class="wall" data-line=${v.line}>
    ${head(v)}
    <main class="board">${v.stage > 0 ? numbers(v) : nothing} ${v.stage > 1 ? day(v) : nothing} ${v.stage > 2 ? crowding(v, v.stage < PARTS ? PLACES * (v.stage - 2) : Infinity) : nothing}</main>
    ${foot(v)}
  </div>
  <div class="frame" data-line=${v.line} aria-hidden="true"></div>`;
}

/** When the page last reloaded itself, kept by the tab. */
function memory() {
  const name = "rasad-reload";
  return {
    get last() {
      return Number(sessionStorage.getItem(name)) || 0;
    },
    set last(ms) {
      sessionStorage.setItem(name, String(ms));
    },
  };
}

const root = document.getElementById("app");
if (root) {
  const wall = new Wall(root);
  Object.defineProperty(window, "rasad", {
    value: Object.freeze({
      get state() {
        return wall.line;
      },
      get updates() {
        return wall.updates;
      },
    }),
  });
  void wall.start();
}
