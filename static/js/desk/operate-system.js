// Whether the system keeps up, and for how long it has room.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { Asked } from "./operate-asked.js";
import { space } from "./operate-model.js";
import { bar, chip, name, table } from "./parts.js";
import { shape } from "./shapes.js";

/** @typedef {import("./operate.js").Operate} Operate */
/** @typedef {import("./operate-wire.js").Status} Status */
/** @typedef {import("./operate-wire.js").Follower} Follower */

const EACH_MS = 5_000;
const YEAR = 366; // days
const YEARS_FROM = 2; // years from which on days say nothing any more

export class System {
  /** @type {Asked<Status>} */ asked;
  #o;

  /** @param {Operate} o */
  constructor(o) {
    this.#o = o;
    this.asked = new Asked(o.p, () => o.p.api.ask("/api/v1/operate/status"), EACH_MS);
  }

  opened() {
    void this.asked.again();
  }

  /** @param {boolean} looked */
  second(looked) {
    this.asked.second(looked);
  }

  /** What is wrong with it. */
  badge() {
    const s = this.asked.value;
    if (!s) return nothing;
    const shown = s.ready ? space(s.journal) : "alert";
    return shown === "ok" ? nothing : html` ${chip(shown, s.ready ? this.#o.words.system.space : this.#o.words.system.notReady)}`;
  }

  body() {
    return this.asked.drawn((s) => html`<div class="system">${this.#ready(s)} ${this.#space(s)} ${this.#journal(s)} ${this.#followers(s)}</div>`);
  }

  /** @param {Status} s */
  #ready(s) {
    const { p, words } = this.#o;
    const t = words.system;
    const shown = s.ready ? "ok" : "alert";
    return html`<section class=${s.ready ? "card" : "card failed"} data-box="ready">
      <h2 class="verdict" data-shown=${shown}>${shape(shown)}<span>${s.ready ? t.ready : t.notReady}</span></h2>
      ${s.reasons.length > 0 ? html`<ul class="lines">${s.reasons.map((r) => html`<li class="strong">${name(r)}</li>`)}</ul>` : nothing}
      <dl class="facts">
        <dt>${t.sockets}</dt><dd>${t.open(p.f.count(s.sockets))}</dd>
        <dt>${t.version}</dt><dd><bdi class="code">${s.version}</bdi></dd>
        <dt>${t.epoch}</dt><dd><bdi class="code">${s.epoch}</bdi></dd>
      </dl>
      ${s.notes.length > 0 ? html`<h3 class="notes-title">${t.notes}</h3><ul class="lines small">${s.notes.map((n) => html`<li>${name(n)}</li>`)}</ul>` : nothing}
    </section>`;
  }

  /** @param {Status} s */
  #space({ journal: j }) {
    const t = this.#o.words.system;
    const shown = space(j);
    const used = j.total_bytes > 0 ? 100 * (1 - j.free_bytes / j.total_bytes) : 0;
    return html`<section class="card" data-box="space">
      <h2 class="verdict" data-shown=${shown}>${shape(shown)}<span>${shown === "ok" ? t.space : t.spaceFull}</span></h2>
      ${j.refuses ? html`<p class="strong" role="alert">${t.refuses}</p>` : nothing}
      <p class="room-for">${this.#days(j)}</p>
      ${bar(used, shown)}
      <p>${t.freeOf(this.#size(j.free_bytes), this.#size(j.total_bytes))}</p>
      <p class="quiet small">${t.perDay(this.#size(j.bytes_today))}. ${t.floor(this.#size(j.floor_bytes))}.</p>
    </section>`;
  }

  /** @param {Status["journal"]} j */
  #days(j) {
    const { p, words } = this.#o;
    const t = words.system;
    if (j.days_left === null) return j.days_left_why[p.lang] || t.daysUnknown;
    if (j.days_left >= YEARS_FROM * YEAR) return t.yearsLeft(p.f.count(Math.floor(j.days_left / YEAR)));
    return j.days_left < 1 ? t.lessThanDay : t.daysLeft(p.f.count(Math.floor(j.days_left)));
  }

  /** @param {Status} s */
  #journal({ journal: j }) {
    const { p, words } = this.#o;
    const t = words.system;
    return html`<section class="card" data-box="journal">
      <h2>${t.journal}</h2>
      <dl class="facts">
        <dt>${t.head}</dt><dd><bdi class="code">${j.head}</bdi></dd>
        <dt>${t.written}</dt><dd>${j.at ? this.#o.ago(j.at) : words.never}</dd>
        <dt>${t.segments}</dt><dd>${p.f.count(j.segments)}</dd>
        <dt>${t.size}</dt><dd>${this.#size(j.bytes)}</dd>
      </dl>
    </section>`;
  }

  /** @param {Status} s */
  #followers({ followers }) {
    const { p, words } = this.#o;
    const t = words.system;
    return html`<section class="card followers" data-box="followers">
      <h2>${t.followers}</h2>
      ${table({
        label: t.followers, head: [t.follows, t.state, t.applied, t.lag], rows: followers, numbers: [2, 3],
        cells: (f) => {
          const known = /** @type {Record<string, {name: string, what: string}>} */ (t.follower)[f.name];
          return [
            html`<span class="two-lines"><span>${known?.name ?? f.name}</span>${known ? html`<span class="small quiet">${known.what}</span>` : nothing}</span>`,
            html`<span class="row">${f.lag_batches === 0 ? chip("ok", t.keepsUp) : chip("watch", t.behind(p.f.count(f.lag_batches)))} ${f.words ? name(f.words[p.lang]) : nothing}</span>`,
            p.f.count(f.applied),
            p.f.count(f.lag_batches),
          ];
        },
      })}
    </section>`;
  }

  /** @param {number} bytes */
  #size(bytes) {
    const [figure, unit] = this.#o.p.f.size(bytes);
    return `${figure} ${this.#o.words.system.units[unit]}`;
  }
}
