// One case: its time, its photos, what happened to it, and what is to be done.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { begin, possible } from "./act.js";
import { inLang, what, where } from "./cases.js";
import { did } from "./log.js";
import { boot } from "./page.js";
import { bar, name } from "./parts.js";
import { deleted, gallery, photosOf, send, thumb } from "./photo.js";
import { icon, shape } from "./shapes.js";
import { standing, words } from "./sla.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").CaseWhole} CaseWhole */

const APART_MS = 1_500; // real time between two questions, at least
const ALWAYS_MS = 60_000; // and at most

const s = {
  /** @type {CaseWhole|null} */ c: null,
  /** @type {import("./wire.js").Department|null} */ d: null,
  asked: 0, // when the server answered, data time in ms
  at: -Infinity, // the same, monotonic ms
  wanted: false, // something has changed since
  asking: false,
  busy: "", // the act that is being sent
  answer: "", // what has become of the last act
  /** @type {""|"preparing"|"sending"} */ photo: "",
};

/** @type {Record<import("./act.js").Do, string>} */
const DRAWINGS = { acknowledge: "check", assign: "person", note: "note", pause: "pause", resume: "go", close: "check", reopen: "turn" };

/** @param {Page} p */
async function load(p) {
  s.asking = true;
  s.wanted = false;
  try {
    const [c, d] = await Promise.all([
      p.api.ask(`/api/v1/cases/${encodeURIComponent(p.number)}`),
      s.d ?? p.api.ask(`/api/v1/departments/${encodeURIComponent(p.department)}`),
    ]);
    if (!s.d) {
      p.clock.sync(d.now);
      p.adoptCity(d.city, d.season);
    }
    s.d = d;
    take(p, c);
  } finally {
    s.asking = false;
  }
}

/** @param {Page} p  @param {CaseWhole|null} c null: it is not known yet what became of it */
function take(p, c) {
  if (!c) {
    s.wanted = true;
    return;
  }
  s.c = c;
  s.asked = p.now;
  s.at = performance.now();
  document.title = `${what(p, c)} · ${p.t.case.title(p.f.number(c.number))} · ${p.t.product}`;
  p.draw();
}

/** @param {Page} p */
function second(p) {
  const gone = performance.now() - s.at;
  if (s.asking || !(gone >= ALWAYS_MS || (s.wanted && gone >= APART_MS))) return;
  s.at = performance.now();
  void load(p).catch(() => {}).finally(() => p.draw());
}

/** @param {Page} p  @param {import("./act.js").Do} act */
async function press(p, act) {
  if (!s.c || s.busy) return;
  s.busy = act;
  await begin({ p, c: s.c, what: act, people: s.d?.people ?? [], say: (words) => answer(p, words), done: (c) => take(p, c) });
  s.busy = "";
  p.draw();
}

/** Says what has become of an act above what can be done next: its own button may be gone.  @param {Page} p  @param {string} words */
function answer(p, words) {
  s.answer = words;
  p.turnTo("answer");
}

/** @param {Page} p */
function body(p) {
  const { c, d } = s;
  if (!c || !d) return nothing;
  const photos = photosOf(c.log);
  return html`<nav class="crumbs" aria-label=${p.t.back}><a href=${`/dept/${encodeURIComponent(c.department.id)}`}>${icon("back")}${p.t.dept.back(c.department.name[p.lang])}</a></nav>
    <div class="title">
      <div class="title-words"><h1>${name(what(p, c))} <span class="case-number">${p.t.case.number(p.f.number(c.number))}</span></h1>
        ${where(p, c).length > 0 ? html`<p class="lead row">${icon("place")}<span>${where(p, c).map((x, i) => html`${i > 0 ? p.t.dot : nothing}${name(x)}`)}</span></p>` : nothing}</div>
    </div>
    <div class="case-page">
      <div class="stack case-main">${clock(p, c)} ${acts(p, c)}</div>
      <div class="stack case-side">
        <section class="card" aria-labelledby="photos-title"><h2 id="photos-title">${p.t.case.photosTitle}</h2>${gallery(p, photos, c.log.filter(deleted).length)}</section>
        ${facts(p, c)}
      </div>
      <section class="card case-log" aria-labelledby="log-title"><h2 id="log-title">${p.t.case.log}</h2>
        <ol class="lines">${[...c.log].reverse().map((l) => html`<li>${did(p, l)} ${deleted(l) ? html`<p class="quiet small">${p.t.case.photoDeleted}</p>` : thumb(p, photos, photos.findIndex((x) => x.position === l.position))}</li>`)}</ol>
      </section>
    </div>`;
}

/** How its time stands.  @param {Page} p  @param {CaseWhole} c */
function clock(p, c) {
  const now = standing(c, p.now, s.asked);
  const k = c.clock;
  const left = now.left ?? 0;
  const used = k.seconds > 0 ? ((k.seconds - left) / k.seconds) * 100 : 0;
  return html`<section class="card clock-card" data-shown=${now.shown} aria-labelledby="clock-title">
    <h2 id="clock-title" class="heard">${p.t.case.clock}</h2>
    <p class="clock-words" role="status">${shape(now.shown)}<span>${words(now, p.t, p.f)}</span></p>
    ${k.seconds > 0
      ? html`${bar(used, now.shown)}
          <p class="row small"><span>${p.t.case.usedOf(p.f.span(Math.max(0, k.seconds - left)), p.f.span(k.seconds))}</span>
            ${c.due_at && c.state === "open" ? html`<span class="push strong">${p.t.case.due(p.f.at(Date.parse(c.due_at), p.now))}</span>` : nothing}</p>`
      : nothing}
    <dl class="facts small">
      ${k.seconds > 0 ? html`<dt>${p.t.case.allowed}</dt><dd>${p.f.span(k.seconds)}</dd>` : nothing}
      <dt>${p.t.case.rule}</dt><dd>${p.t.case.allowedBy(p.t.zone[k.zone] ?? p.t.zone.medium, k.season ? k.season.name[p.lang] : "")}</dd>
      ${k.seconds > 0 ? html`<dt>${p.t.case.runs}</dt><dd>${k.to_hour > 0 ? p.t.case.hours(hour(p, k.from_hour), hour(p, k.to_hour)) : p.t.case.always}</dd>` : nothing}
      ${k.pauses.length > 0 ? html`<dt>${p.t.case.pauses}</dt><dd><ul>${k.pauses.map((x) => pause(p, x))}</ul></dd>` : nothing}
    </dl>
  </section>`;
}

/** @param {Page} p  @param {number} h of the day  @returns {string} "۰۸:۰۰" */
const hour = (p, h) => `${p.f.two(h)}:${p.f.two(0)}`;

/** @param {Page} p  @param {import("./wire.js").Pause} x */
function pause(p, x) {
  const from = p.f.at(Date.parse(x.from), p.now);
  return html`<li>${x.to ? p.t.case.pauseTo(from, p.f.at(Date.parse(x.to), p.now)) : p.t.case.pauseOn(from)}
    <span class="quiet">${x.by || x.why ? html`${x.by ? name(inLang(x.by.name, p.lang)) : nothing}${x.by && x.why ? p.t.dot : nothing}<span dir="auto">${x.why}</span>` : p.t.case.pauseClosed}</span></li>`;
}

/** @param {Page} p  @param {CaseWhole} c */
function acts(p, c) {
  if (!c.may_act) return html`<p class="quiet no-print">${p.t.case.readOnly}</p>`;
  const main = c.state === "closed" ? "reopen" : c.acknowledged_at ? "close" : "acknowledge";
  const can = possible(c).sort((a, b) => Number(b === main) - Number(a === main));
  return html`<section class="card acts no-print" aria-labelledby="acts-title"><h2 id="acts-title">${p.t.act.title}</h2>
    ${s.answer ? html`<p class="answer" id="answer" tabindex="-1">${shape("ok")}<span>${s.answer}</span></p>` : nothing}
    <div class="acts-room">
      ${can.map((a) => html`<button type="button" class="button" data-kind=${a === main ? "main" : nothing} aria-disabled=${s.busy ? "true" : nothing} aria-busy=${s.busy === a ? "true" : nothing} @click=${() => void press(p, a)}>
        ${icon(DRAWINGS[a])}<span>${s.busy === a && !p.busy ? p.t.sending : p.t.act[a]}</span></button>`)}
      <label class="button photo-button" aria-busy=${s.photo ? "true" : nothing}>${icon("photo")}<span>${s.photo === "preparing" ? p.t.act.photoPreparing : s.photo === "sending" ? p.t.sending : p.t.act.photo}</span>
        <input class="heard" type="file" accept="image/*" capture="environment" @change=${(/** @type {Event} */ e) => void photograph(p, c, e)}></label>
    </div>
    <p class="hint">${p.t.act.photoNote}</p>
  </section>`;
}

/** @param {Page} p  @param {CaseWhole} c  @param {Event} e of the input */
async function photograph(p, c, e) {
  if (s.photo) return;
  const tell = (/** @type {""|"preparing"|"sending"} */ state) => {
    s.photo = state;
    p.draw();
  };
  await send(p, c.number, e, tell, (words, whole) => {
    take(p, whole);
    answer(p, words);
  });
}

/** @param {Page} p  @param {CaseWhole} c */
function facts(p, c) {
  const at = (/** @type {string} */ t) => html`<time datetime=${t}>${p.f.dayTime(Date.parse(t))}</time>`;
  return html`<section class="card" aria-labelledby="facts-title"><h2 id="facts-title">${p.t.case.facts}</h2><dl class="facts">
    <dt>${p.t.dept.kind}</dt><dd>${p.t.kind[c.kind]}</dd>
    <dt>${p.t.case.owner}</dt><dd>${c.owner ? name(inLang(c.owner.name, p.lang)) : p.t.case.nobody}</dd>
    <dt>${p.t.case.department}</dt><dd>${name(c.department.name[p.lang])}</dd>
    ${c.place ? html`<dt>${p.t.case.place}</dt><dd>${name(c.place.name[p.lang])}</dd>` : nothing}
    ${c.district ? html`<dt>${p.t.case.district}</dt><dd>${name(c.district.name[p.lang])}</dd>` : nothing}
    ${c.value === null || c.value === 1 ? nothing : html`<dt>${p.t.case.value}</dt><dd>${p.f.value(c.value, c.unit)}</dd>`}
    <dt>${p.t.case.openedAt}</dt><dd>${at(c.opened_at)}</dd>
    <dt>${p.t.case.seenAt}</dt><dd>${c.acknowledged_at ? at(c.acknowledged_at) : p.t.case.unseen}</dd>
    ${c.closed_at ? html`<dt>${p.t.case.closedAt}</dt><dd>${at(c.closed_at)}</dd>` : nothing}
    <dt>${p.t.case.source}</dt><dd>${name(c.source_name[p.lang])} <span class="code quiet">${c.source_case}</span></dd>
  </dl></section>`;
}

boot({
  view: (p) => p.department,
  load,
  body,
  frame: (p, f) => {
    if (f.type !== "cases") return;
    s.wanted = true;
    second(p);
  },
  second,
});
