// Lists of cases: one line each, the whole of which leads to the case.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { bar, chip, name } from "./parts.js";
import { icon } from "./shapes.js";
import { standing, words } from "./sla.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").Case} Case */

/** @param {string|import("../wire.js").Text} n  @param {"fa"|"en"} lang  @returns {string} a name in a language */
export const inLang = (n, lang) => (typeof n === "string" ? n : n[lang]);

/** @param {Case} c  @returns {string} the address of its page */
export const caseHref = (c) => `/dept/${encodeURIComponent(c.department.id)}/cases/${c.number}`;

/** What a case is about.  @param {Page} p  @param {Case} c  @returns {string} */
export const what = (p, c) => (c.category.id ? c.category.name[p.lang] : p.t.kind[c.kind]);

/** Where it is, from the near to the far.  @param {Page} p  @param {Case} c  @returns {string[]} */
export function where(p, c) {
  return [c.place?.name, c.district?.name].flatMap((n) => (n ? [n[p.lang]] : []));
}

/**
 * @param {Page} p  @param {Case[]} list  @param {number} asked when the server answered, data time in ms
 * @param {{press?: (c: Case) => void, busy?: number}} [act] what acknowledges a case right in the list; busy: of which it waits
 */
export const cases = (p, list, asked, act = {}) => html`<ol class="cases">${list.map((c) => line(p, c, asked, act))}</ol>`;

/** @param {Page} p  @param {Case} c  @param {number} asked  @param {{press?: (c: Case) => void, busy?: number}} act */
function line(p, c, asked, act) {
  const s = standing(c, p.now, asked);
  const places = where(p, c);
  const unseen = !c.acknowledged_at && c.state !== "closed";
  return html`<li class="case leads" data-shown=${s.shown} data-box=${`case:${c.number}`} data-key=${c.number}>
    <div class="case-clock">${chip(s.shown, words(s, p.t, p.f))} ${s.kind === "none" || s.kind === "closed" ? nothing : bar(s.part, s.shown)}</div>
    <div class="case-words">
      <h3><a class="leads-link" href=${caseHref(c)}>${name(what(p, c))}<span class="heard">${p.t.dot}${p.t.case.number(p.f.number(c.number))}</span></a></h3>
      ${places.length > 0 ? html`<p class="case-where">${icon("place")}<span>${places.map((x, i) => html`${i > 0 ? p.t.dot : nothing}${name(x)}`)}</span></p>` : nothing}
      <p class="case-more quiet small">
        <span aria-hidden="true">${p.t.case.number(p.f.number(c.number))}</span>
        <span>${p.t.kind[c.kind]}</span>
        <span>${p.t.case.opened(ago(p, c))}</span>
        ${c.evidence > 0 ? html`<span>${p.t.case.photos(p.f.count(c.evidence))}</span>` : nothing}
        ${c.notes > 0 ? html`<span>${p.t.case.notes(p.f.count(c.notes))}</span>` : nothing}
        ${c.reopened > 0 ? html`<span class="strong">${p.t.case.reopened(p.f.count(c.reopened))}</span>` : nothing}
      </p>
    </div>
    <div class="case-who">
      ${c.owner
        ? html`<span class="case-owner">${icon("person")}${name(inLang(c.owner.name, p.lang))}</span>`
        : c.state === "closed" ? nothing : html`<span class="case-owner quiet">${icon("person")}${p.t.case.nobody}</span>`}
      ${unseen && act.press
        ? html`<button type="button" class="button case-ack" aria-disabled=${act.busy === c.number ? "true" : nothing} @click=${() => act.press?.(c)}
            aria-label=${`${p.t.act.acknowledge}${p.t.dot}${p.t.case.number(p.f.number(c.number))}`}>${icon("check")}${act.busy === c.number ? p.t.sending : p.t.act.acknowledge}</button>`
        : unseen ? html`<span class="quiet small">${p.t.case.unseen}</span>` : nothing}
    </div>
  </li>`;
}

/** @param {Page} p  @param {Case} c  @returns {string} since when it is open, in words */
function ago(p, c) {
  return p.f.ago(Math.max(0, Math.floor((p.now - Date.parse(c.opened_at)) / 1000)));
}
