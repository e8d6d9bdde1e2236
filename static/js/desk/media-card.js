// A figure with all that belongs to it: no number leaves without its card.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { copy } from "./copy.js";
import { chip, name, tag } from "./parts.js";
import { icon, shape } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./media-state.js").Media} Media */
/** @typedef {import("./media-wire.js").Card} Card */
/** @typedef {import("../wire.js").Lang} Lang */

/** @type {Lang[]} */
const LANGS = ["fa", "en"];
const JUST_S = 5; // younger than this is now
const LONG = 600; // letters of a sentence that does not fit its room

/**
 * The one figure above all others, with everything around it.
 * @param {Page} p  @param {Media} m  @param {Card} c
 */
export function hero(p, m, c) {
  const t = m.words;
  return html`<article class="card hero" aria-labelledby="hero-name" data-figure=${c.id} data-box="hero" @focusin=${held(m, c)} @focusout=${left(m, c)}>
    <div class="hero-figure">
      <p class="quiet clamp">${name(c.group.name[p.lang])}</p>
      <h2 id="hero-name" class="clamp">${name(c.name[p.lang])}</h2>
      ${number(p, m, c)}
      <p class="hero-when"><span class="strong">${name(c.period.name[p.lang])}</span><span class="quiet">${asOf(p, m, c)}</span></p>
      <p class="row">${states(p, m, c)} ${coverage(p, m, c)}</p>
      ${newer(p, m, c)}
    </div>
    <dl class="facts hero-facts">
      <dt>${t.definition}</dt><dd>${name(c.definition[p.lang])}</dd>
      ${facts(p, m, c)}
    </dl>
    <div class="hero-sentences">
      ${LANGS.map((lang) => html`<div class="said">${sentence(m, c, lang)} ${copier(p, m, c, lang)}</div>`)}
    </div>
  </article>`;
}

/** @param {Page} p  @param {Media} m  @param {Card} c */
export function card(p, m, c) {
  const t = m.words;
  const other = p.lang === "fa" ? "en" : "fa";
  const title = m.by === "city" ? c.name : c.group.name;
  const above = m.by === "city" ? c.group.name : c.name;
  return html`<article class="card figure-card" data-figure=${c.id} data-box=${`figure:${c.id}`} @focusin=${held(m, c)} @focusout=${left(m, c)}>
    <p class="small quiet clamp">${name(above[p.lang])}</p>
    ${m.by === "city" ? html`<h3 class="figure-name clamp">${name(title[p.lang])}</h3>` : html`<h4 class="figure-name clamp">${name(title[p.lang])}</h4>`}
    ${number(p, m, c)}
    <p class="row">${states(p, m, c)} ${coverage(p, m, c)}</p>
    <p class="small figure-when"><span>${name(c.period.name[p.lang])}</span><span class="quiet">${asOf(p, m, c)}</span></p>
    <p class="small quiet clamp">${t.body}: ${name(c.body[p.lang])}</p>
    ${newer(p, m, c)}
    <div class="said">${sentence(m, c, p.lang)}</div>
    <div class="buttons copies">${copier(p, m, c, p.lang)} ${copier(p, m, c, other)}</div>
    <details class="more">
      <summary>${t.details}</summary>
      <p>${name(c.definition[p.lang])}</p>
      <dl class="facts small">${facts(p, m, c)}</dl>
      <div class="said">${sentence(m, c, other)}</div>
    </details>
  </article>`;
}

/** @param {Page} p  @param {Media} m  @param {Card} c */
function number(p, m, c) {
  if (c.value === null) return html`<p class="figure-line" data-known="no"><span class="figure">${m.words.noValue}</span></p>`;
  const text = p.f.value(c.value, c.unit);
  return html`<p class="figure-line"><bdi class="figure" dir=${p.dir}>${text}</bdi>
    ${c.unit === "percent" ? nothing : html` <span class="figure-unit">${c.unit_name[p.lang]}</span>`}</p>`;
}

/** Provisional or final, revised, which version.  @param {Page} p  @param {Media} m  @param {Card} c */
function states(p, m, c) {
  const t = m.words;
  return html`<span title=${t.statusWhy[c.status]}>${c.status === "none" ? chip("none", t.status.none) : tag(t.status[c.status], c.status === "final" ? "check" : "clock")}</span>
    ${c.revised ? html`<span title=${t.revisedWhy}>${tag(t.revised, "turn")}</span>` : nothing}
    <span class="small quiet">${t.version(p.f.count(c.version))}</span>`;
}

/** How many of the sources report, in words and as a dial.  @param {Page} p  @param {Media} m  @param {Card} c */
function coverage(p, m, c) {
  const k = c.coverage;
  if (!k || k.expected === 0) return html`<span class="coverage small" data-full="yes">${m.words.coverageNone}</span>`;
  const percent = Math.round((k.reporting / k.expected) * 100);
  return html`<span class="coverage small" data-full=${k.reporting < k.expected ? "no" : "yes"}>
    <span class="dial" aria-hidden="true" .style=${`--part:${percent}`}></span>${m.words.coverage(p.f.count(k.reporting), p.f.count(k.expected))}</span>`;
}

/** Of when the newest reading in it is, and how long ago that is.  @param {Page} p  @param {Media} m  @param {Card} c */
function asOf(p, m, c) {
  if (!c.as_of) return m.words.neverHeard;
  const ms = Date.parse(c.as_of);
  const age = Math.max(0, Math.floor((p.now - ms) / 1000));
  return age < JUST_S ? m.words.asOfJust(p.f.at(ms, p.now)) : m.words.asOf(p.f.at(ms, p.now), p.f.ago(age));
}

/** @param {Page} p  @param {Media} m  @param {Card} c */
function facts(p, m, c) {
  const t = m.words;
  return html`<dt>${t.body}</dt><dd>${name(c.body[p.lang])}</dd>
    <dt>${t.unit}</dt><dd>${c.unit_name[p.lang]}</dd>
    ${c.period.from && c.period.to ? html`<dt>${t.when}</dt><dd>${span(p, m, Date.parse(c.period.from), Date.parse(c.period.to))}</dd>` : nothing}
    ${c.known_at ? html`<dt>${t.known}</dt><dd>${p.f.dayTime(Date.parse(c.known_at))}</dd>` : nothing}
    <dt>${t.id}</dt><dd><a class="code lasting" href=${`/api/v1/figures/${encodeURIComponent(c.id)}`}>${c.id}</a></dd>`;
}

/** @param {Page} p  @param {Media} m  @param {number} from ms  @param {number} to ms; the same for a moment */
const span = (p, m, from, to) => (from === to ? p.f.dayTime(from) : m.words.fromTo(p.f.dayTime(from), p.f.dayTime(to)));

/** A newer figure waits behind this one.  @param {Page} p  @param {Media} m  @param {Card} c */
function newer(p, m, c) {
  const next = m.shelf(c.id).newer(c.id);
  if (!next) return nothing;
  const t = m.words;
  const value = next.value === null ? t.noValue : p.f.value(next.value, next.unit);
  return html`<div class="newer">
    <p class="strong row">${shape("watch")}<span>${t.newer(value)}</span></p>
    <p class="small">${t.newerWhy}</p>
    <p><button type="button" class="button" @click=${() => m.show(c.id)}>${icon("turn")}${t.show}</button></p>
  </div>`;
}

/** One that is so long that it must be scrolled can be reached by key.  @param {Media} m  @param {Card} c  @param {Lang} lang */
const sentence = (m, c, lang) =>
  html`<p class="sentence" lang=${lang} dir=${lang === "fa" ? "rtl" : "ltr"} data-sentence=${lang} tabindex=${c.sentence[lang].length > LONG ? "0" : nothing} data-copied=${m.copied(c.id, lang) ? "yes" : nothing}>${c.sentence[lang]}</p>`;

/** @param {Page} p  @param {Media} m  @param {Card} c  @param {Lang} lang */
const copier = (p, m, c, lang) =>
  html`<button type="button" class="button" data-copy=${lang} @click=${(/** @type {Event} */ e) => void take(p, m, c, lang, /** @type {HTMLElement} */ (e.currentTarget))}>${icon("copy")}${m.words.copy[lang]}</button>`;

/** Copies what is shown, and keeps it from then on.  @param {Page} p  @param {Media} m  @param {Card} c  @param {Lang} lang  @param {HTMLElement} button */
async function take(p, m, c, lang, button) {
  m.took(c.id, lang);
  /** @type {HTMLElement|null} */
  const shown = button.closest("[data-figure]")?.querySelector(`[data-sentence="${lang}"]`) ?? null;
  const done = copy(c.sentence[lang], shown, () => shown?.closest("details")?.setAttribute("open", ""));
  p.say((await done) === "copied" ? m.words.copied[lang] : m.words.selected[lang]);
}

/** The keyboard stands in it: it keeps still.  @param {Media} m  @param {Card} c */
const held = (m, c) => () => m.hold(c.id, "focus");

/** @param {Media} m  @param {Card} c  @returns {(e: FocusEvent) => void} */
const left = (m, c) => (e) => {
  const to = e.relatedTarget instanceof Node ? e.relatedTarget : null;
  if (!(/** @type {Node} */ (e.currentTarget).contains(to))) m.free(c.id, "focus");
};
