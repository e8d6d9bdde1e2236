// The parts that pages are made of; how they look stands in css/desk-parts.css and
// css/desk-lists.css. Each takes words that are ready to be read.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { icon, shape } from "./shapes.js";

/** @typedef {import("../tile.js").Shown} Shown */
/** @typedef {import("./page.js").Page} Page */

/** A name in whatever script it has: it does not turn the words around it.  @param {string} text */
export const name = (text) => html`<bdi>${text}</bdi>`;

/** A state: its shape and its word.  @param {Shown} shown  @param {unknown} words */
export const chip = (shown, words) => html`<span class="chip" data-shown=${shown}>${shape(shown)}<span>${words}</span></span>`;

/** What something is, without a state.  @param {unknown} words  @param {string} [drawing] */
export const tag = (words, drawing = "") => html`<span class="chip">${drawing ? icon(drawing) : nothing}<span>${words}</span></span>`;

/**
 * A part of a whole. The words beside it say the same.
 * @param {number} percent  @param {Shown} shown  @param {boolean} [aim] the way to a target, in gold
 */
export const bar = (percent, shown, aim = false) =>
  html`<span class="bar" data-shown=${shown} data-aim=${aim ? "yes" : "no"} aria-hidden="true"><span class="bar-fill" .style=${`inline-size:${Math.max(0, Math.min(100, percent))}%`}></span></span>`;

/**
 * One of a row of counts. Where it can be pressed it selects what it counts.
 * @param {{figure: string, words: string, more?: string, shown?: Shown, pressed?: boolean, press?: () => void}} c
 */
export function count(c) {
  const inside = html`<span class="count-figure">${c.shown ? shape(c.shown) : nothing}<bdi>${c.figure}</bdi></span>
    <span class="count-words">${c.words}</span>${c.more ? html`<span class="count-more">${c.more}</span>` : nothing}`;
  return c.press
    ? html`<button type="button" class="count" data-shown=${c.shown ?? nothing} aria-pressed=${c.pressed ? "true" : "false"} @click=${c.press}>${inside}</button>`
    : html`<div class="count" data-shown=${c.shown ?? nothing}>${inside}</div>`;
}

/**
 * A field of a form with its label, and below it what is wrong or what helps.
 * @param {{id: string, label: unknown, control: unknown, hint?: unknown, wrong?: string}} f
 *   the control has the id, aria-describedby={id}-about, and aria-invalid where wrong is not empty
 */
export const field = (f) => html`<div class="field">
  <label for=${f.id}>${f.label}</label>
  ${f.control}
  <div id=${`${f.id}-about`}>
    ${f.wrong ? html`<p class="wrong">${shape("alert")}<span>${f.wrong}</span></p>` : f.hint ? html`<p class="hint">${f.hint}</p>` : nothing}
  </div>
</div>`;

/**
 * The direction of a field for words of any language: that of what is in it, and the
 * page's while nothing is.
 * @param {Page} p  @param {string} text
 */
export const wordsDir = (p, text) => (text ? "auto" : p.dir);

/**
 * A list to choose from.
 * @param {{id: string, label: string, value: string, options: [string, string][], pick: (value: string) => void, silent?: boolean}} s
 *   options: value and words; silent: the label is only heard
 */
export const select = (s) => html`<div class="field">
  <label for=${s.id} class=${s.silent ? "heard" : ""}>${s.label}</label>
  <select class="input" id=${s.id} .value=${s.value} @change=${(/** @type {Event} */ e) => s.pick(/** @type {HTMLSelectElement} */ (e.target).value)}>
    ${s.options.map(([value, words]) => html`<option value=${value} ?selected=${value === s.value}>${words}</option>`)}
  </select>
</div>`;

/** Links to the parts of a page, of which one is shown.  @param {string} label  @param {[string, unknown][]} list fragment and words  @param {string} current */
export const tabs = (label, list, current) => html`<nav class="tabs" aria-label=${label}>
  ${list.map(([id, words]) => html`<a href=${`#${id}`} aria-current=${id === current ? "true" : nothing}>${words}</a>`)}
</nav>`;

/**
 * A table on a desk, a list of small cards on a phone.
 * @template T
 * @param {{label: string, head: string[], rows: T[], cells: (row: T) => unknown[], numbers?: number[], key?: (row: T) => string}} t
 *   the first cell of a row names it; numbers: columns of numbers, which stand at the end;
 *   key: what tells a row from all others, for the focus in it
 */
export const table = (t) => html`<div class="table-room" tabindex=${t.rows.length > 0 ? "0" : nothing} role="region" aria-label=${t.label}><table class="table" role="table">
  <thead role="rowgroup"><tr role="row">${t.head.map((words, i) => html`<th role="columnheader" scope="col" data-as=${t.numbers?.includes(i) ? "number" : nothing}>${words}</th>`)}</tr></thead>
  <tbody role="rowgroup">${t.rows.map((row) => html`<tr role="row" data-key=${t.key?.(row) ?? nothing}>${t.cells(row).map((cell, i) =>
    i === 0
      ? html`<th role="rowheader" scope="row">${cell}</th>`
      : html`<td role="cell" data-label=${t.head[i]} data-as=${t.numbers?.includes(i) ? "number" : nothing}>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;

/** There is nothing, and that is well.  @param {unknown} words  @param {unknown} [hint]  @param {unknown} [drawing] */
export const empty = (words, hint = nothing, drawing = nothing) =>
  html`<div class="nothing">${drawing}<p class="nothing-words">${words}</p>${hint === nothing ? nothing : html`<p>${hint}</p>`}</div>`;

/** Something is on its way.  @param {Page} p  @param {number} [lines] */
export const waiting = (p, lines = 5) =>
  html`<div class="waiting" role="status"><span class="heard">${p.t.waiting}</span>${Array.from({ length: lines }, () => html`<span></span>`)}</div>`;

/**
 * Something went wrong, in words.
 * @param {Page} p  @param {import("./api.js").Problem} problem  @param {() => void} [again] none: trying again is no use
 */
export function failed(p, problem, again) {
  const offline = problem.code === "offline";
  return html`<div class="card failed" role="alert">
    <p class="strong row">${shape("alert")}<span>${offline ? p.t.offline : problem.title || p.t.failed}</span></p>
    <p>${offline ? p.t.offlineHint : problem.detail}</p>
    ${problem.id ? html`<p class="small quiet">${p.t.requestID("")}<span class="code">${problem.id}</span></p>` : nothing}
    ${again ? html`<p class="buttons"><button type="button" class="button" @click=${again}>${icon("turn")}${p.t.again}</button></p>` : nothing}
  </div>`;
}

/**
 * A button that waits for what it began. It keeps the focus meanwhile, so it can be
 * pressed: whoever sends must not send twice.
 * @param {Page} p  @param {{words: string, busy: boolean, kind?: "main"|"stop"|"plain", drawing?: string, press?: () => void}} b
 *   without press it sends the form around it
 */
export const button = (p, b) =>
  html`<button type=${b.press ? "button" : "submit"} class="button" data-kind=${b.kind ?? nothing} aria-disabled=${b.busy ? "true" : nothing} aria-busy=${b.busy ? "true" : nothing} @click=${b.press ?? nothing}>
    ${b.drawing ? icon(b.drawing) : nothing}<span>${b.busy ? p.t.sending : b.words}</span></button>`;
