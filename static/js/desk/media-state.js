// What the media office's page knows: the figures of one period and grouping, what is
// searched for, and which figures keep still.

import { mediaWording } from "../text/media.js";
import { Problem } from "./api.js";
import { matches } from "./find.js";
import { Shelf, chief, ranked } from "./media-shelf.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./media-wire.js").Card} Card */
/** @typedef {"now"|"today"|"yesterday"|"season"} Period */
/** @typedef {"city"|"district"|"place"} By */

/** @type {Period[]} */
export const PERIODS = ["now", "today", "yesterday", "season"];
/** @type {By[]} */
export const BYS = ["city", "district", "place"];
const ASK_MS = 15_000; // figures are asked for at least so often
const EAGER_MS = 3_000; // and after a frame that changed something at most so often

/** What the page shows; drawn by media-card.js and media-take.js. */
export class Media {
  /** @type {Period} */ period = "today";
  /** @type {By} */ by = "city";
  query = "";
  /** @type {string} id of the figure above all others */ chief = "";
  city = new Shelf();
  group = new Shelf();
  /** @type {Problem|null} the newest question failed */ problem = null;
  file = { format: /** @type {"xlsx"|"csv"} */ ("xlsx"), lang: /** @type {"fa"|"en"} */ ("fa"), digits: /** @type {"fa"|"latin"} */ ("latin"), bom: true };
  words;
  /** @type {Set<string>} id and language of the sentences that were copied */ #copied = new Set();
  /** Where there is room for it, the choice of a file is open from the beginning. */
  wide = matchMedia("(width >= 1080px)").matches;
  #p;
  #filled = false; // the figures on the shelves belong to period and by
  #asking = 0; // counts questions: only the newest answer is taken
  #asked = -Infinity;
  #dirty = false; // a frame has told of a change since
  /** @type {string} whose sentence is selected */ #selected = "";

  /** @param {Page} p */
  constructor(p) {
    this.#p = p;
    this.words = mediaWording(p.lang);
    this.file.lang = p.lang;
    const q = new URLSearchParams(location.search);
    this.period = PERIODS.find((x) => x === q.get("period")) ?? "today";
    this.by = BYS.find((x) => x === q.get("by")) ?? "city";
    document.addEventListener("selectionchange", () => this.#select());
  }

  /** @returns {boolean} whether there is an answer to what was asked last */
  get filled() {
    return this.#filled;
  }

  /** Asks for the figures.  @throws {Problem} where there is no answer */
  async load() {
    const mine = ++this.#asking;
    this.#asked = performance.now();
    this.#dirty = false;
    const ask = (/** @type {By} */ by) => this.#p.api.ask(`/api/v1/figures?period=${this.period}&by=${by}`);
    /** @type {import("./media-wire.js").Figures[]} */
    const [city, group] = await Promise.all([ask("city"), ...(this.by === "city" ? [] : [ask(this.by)])]);
    if (mine !== this.#asking) return;
    this.city.put(city.figures);
    this.group.put(this.#filled || !group ? (group?.figures ?? []) : ranked(group.figures));
    if (!this.#filled || !this.chief) this.chief = chief(this.city.cards)?.id ?? "";
    this.#filled = true;
    this.problem = null;
  }

  /** Asks once more; what is on the page stays when there is no answer. */
  async again() {
    try {
      await this.load();
    } catch (err) {
      this.problem = err instanceof Problem ? err : new Problem(500, { title: this.#p.t.failed, detail: String(err) });
    }
    this.#p.draw();
  }

  /** A frame came.  @param {import("../wire.js").Frame} frame */
  frame(frame) {
    if (frame.type === "patch" || frame.type === "snapshot") this.#dirty = true;
  }

  second() {
    const quiet = performance.now() - this.#asked;
    if (document.visibilityState === "visible" && (quiet >= ASK_MS || (this.#dirty && quiet >= EAGER_MS))) void this.again();
  }

  /** Looks at another period or grouping.  @param {{period?: Period, by?: By}} at */
  look(at) {
    if (at.period) this.period = at.period;
    if (at.by) this.by = at.by;
    this.#filled = false;
    this.problem = null;
    this.chief = "";
    this.#copied.clear();
    this.city.clear();
    this.group.clear();
    const q = new URLSearchParams(location.search);
    q.set("period", this.period);
    q.set("by", this.by);
    history.replaceState(null, "", `?${q}${location.hash}`);
    void this.again();
    this.#p.draw();
  }

  /** @param {string} query */
  find(query) {
    this.query = query;
    this.#p.draw();
  }

  /** @param {Partial<Media["file"]>} change */
  fileAs(change) {
    Object.assign(this.file, change);
    this.#p.draw();
  }

  /** @param {string} id  @returns {Shelf} that it lies on */
  shelf(id) {
    return this.group.has(id) ? this.group : this.city;
  }

  /** @param {string} id  @param {import("./media-shelf.js").Why} why */
  hold(id, why) {
    this.shelf(id).hold(id, why);
  }

  /** @param {string} id  @param {import("./media-shelf.js").Why} why */
  free(id, why) {
    if (this.shelf(id).free(id, why)) this.#p.draw();
  }

  /** A sentence was copied: its figure keeps still from now on.  @param {string} id  @param {"fa"|"en"} lang */
  took(id, lang) {
    this.#copied.add(`${id} ${lang}`);
    this.hold(id, "copied");
  }

  /** @param {string} id  @param {"fa"|"en"} lang  @returns {boolean} whether the sentence that is shown was copied */
  copied(id, lang) {
    return this.#copied.has(`${id} ${lang}`);
  }

  /** @param {string} id  shows the newest figure, whatever held it */
  show(id) {
    for (const lang of ["fa", "en"]) this.#copied.delete(`${id} ${lang}`);
    this.shelf(id).take(id);
    this.#p.draw();
  }

  /** Whose sentence is selected now keeps still. */
  #select() {
    const s = getSelection();
    const at = s && !s.isCollapsed ? (s.anchorNode instanceof Element ? s.anchorNode : s.anchorNode?.parentElement) : null;
    const id = at?.closest("[data-figure]")?.getAttribute("data-figure") ?? "";
    if (id === this.#selected) return;
    const was = this.#selected;
    this.#selected = id;
    if (id) this.hold(id, "selection");
    if (was) this.free(was, "selection");
  }

  /** @returns {Card[]} of the list, as they are searched for */
  get found() {
    return this.list.filter((c) => matches(this.query, [c.name.fa, c.name.en, c.group.name.fa, c.group.name.en, c.id]));
  }

  /** @returns {Card[]} below the figure above all others */
  get list() {
    return this.by === "city" ? this.city.cards.filter((c) => c.id !== this.chief) : this.group.cards;
  }
}
