// Which sources speak, and which are silent.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { find } from "./choices.js";
import { Asked } from "./operate-asked.js";
import { SHOWN, STATES, counted, filtered, pressing } from "./operate-model.js";
import { chip, count, empty, name, select, table } from "./parts.js";

/** @typedef {import("./operate.js").Operate} Operate */
/** @typedef {import("./operate-wire.js").Source} Source */

const EACH_MS = 10_000;
const JUST_S = 5;
const FIRST = 20; // the most pressing, which a list begins with

export class Sources {
  /** @type {Asked<{sources: Source[], now: string}>} */ asked;
  want = { state: /** @type {import("./operate-wire.js").SourceState|""} */ (""), department: "", query: "" };
  #whole = false; // all of the list is asked for
  #o;

  /** @param {Operate} o */
  constructor(o) {
    this.#o = o;
    this.asked = new Asked(o.p, () => o.p.api.ask("/api/v1/operate/sources"), EACH_MS);
  }

  opened() {
    void this.asked.again();
  }

  /** @param {boolean} looked */
  second(looked) {
    this.asked.second(looked);
  }

  /** How many are silent. */
  badge() {
    const n = this.asked.value ? counted(this.asked.value.sources).dead : 0;
    return n > 0 ? html` ${chip("alert", this.#o.words.sources.count(this.#o.p.f.count(n), this.#o.words.sources.state.dead))}` : nothing;
  }

  /** @param {Partial<Sources["want"]>} change */
  #look(change) {
    Object.assign(this.want, change);
    this.#o.p.draw();
  }

  #showAll() {
    this.#whole = true;
    this.#o.p.draw();
  }

  body() {
    return this.asked.drawn(({ sources }) => this.#list(sources));
  }

  /** @param {Source[]} all */
  #list(all) {
    const { p, words } = this.#o;
    const t = words.sources;
    const n = counted(all);
    const found = pressing(filtered(all, this.want));
    const departments = [...new Set(all.map((s) => s.department ?? ""))].filter(Boolean);
    return html`
      <div class="counts" role="group" aria-label=${t.stateLabel}>
        ${STATES.map((s) => count({
          figure: p.f.count(n[s]), words: t.state[s], shown: n[s] > 0 ? SHOWN[s] : "none", pressed: this.want.state === s,
          press: () => this.#look({ state: this.want.state === s ? "" : s }),
        }))}
      </div>
      <div class="filters">
        ${select({
          id: "source-department", label: t.department, value: this.want.department, pick: (department) => this.#look({ department }),
          options: [["", words.all], ...departments.map((d) => /** @type {[string, string]} */ ([d, this.#o.departmentName(d)]))],
        })}
        ${find("source-query", words.search, t.searchHint, this.want.query, (query) => this.#look({ query }))}
        <p class="quiet found" role="status">${words.found(p.f.count(found.length), p.f.count(all.length))}</p>
      </div>
      ${found.length === 0
        ? empty(words.noneFound)
        : html`<div class="card dense">${table({
            label: words.tabs.sources,
            head: [t.name, t.stateLabel, t.heard, t.cadence, t.lag, t.received, t.held],
            rows: this.#whole ? p.part("sources", found) : found.slice(0, FIRST), numbers: [5, 6], cells: (s) => this.#cells(s), key: (s) => s.id,
          })}</div>
          ${this.#whole || found.length <= FIRST
            ? nothing
            : html`<p class="buttons more-row"><button type="button" class="button" @click=${() => this.#showAll()}>${t.whole(p.f.count(found.length))}</button></p>`}`}`;
  }

  /** @param {Source} s */
  #cells(s) {
    const { p, words } = this.#o;
    const t = words.sources;
    return [
      html`<span class="two-lines"><span class="clamp">${name(s.name[p.lang])}</span><span class="code quiet clamp">${s.id}</span></span>`,
      chip(SHOWN[s.state], t.state[s.state]),
      this.#heard(s),
      s.cadence_seconds ? t.every(p.f.span(s.cadence_seconds)) : t.noCadence,
      s.lag_seconds === null ? words.unknown : s.lag_seconds < 1 ? t.atOnce : p.f.about(s.lag_seconds),
      p.f.count(s.received_today),
      s.quarantined_waiting > 0
        ? html`<a class="held-link" href="#quarantine" aria-label=${`${t.toHeld}: ${p.f.count(s.quarantined_waiting)}`} @click=${() => this.#o.quarantine.find(s.id)}>${p.f.count(s.quarantined_waiting)}</a>`
        : p.f.count(0),
    ];
  }

  /** @param {Source} s */
  #heard(s) {
    const { p, words } = this.#o;
    if (!s.last_at) return words.sources.never;
    const ms = Date.parse(s.last_at);
    const age = Math.max(0, Math.floor((p.now - ms) / 1000));
    return html`<span class="two-lines"><span>${age < JUST_S ? words.justNow : p.f.ago(age)}</span><span class="small quiet">${p.f.at(ms, p.now)}</span></span>`;
  }
}
