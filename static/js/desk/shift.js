// The log of a shift, made to be printed and signed: what happened, what stays open.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { caseHref, inLang, what, where } from "./cases.js";
import { deed, refusal } from "./log.js";
import { boot } from "./page.js";
import { empty, name, table } from "./parts.js";
import { icon } from "./shapes.js";
import { standing, words } from "./sla.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").ShiftWhole} ShiftWhole */

const s = {
  /** @type {ShiftWhole|null} */ x: null,
  /** @type {import("./wire.js").Named|null} */ department: null,
  asked: 0, // when the server answered, data time in ms
};

/** @param {Page} p */
async function load(p) {
  const base = `/api/v1/departments/${encodeURIComponent(p.department)}`;
  const [x, d] = await Promise.all([p.api.ask(`${base}/shifts/${encodeURIComponent(p.number)}`), p.api.ask(base)]);
  p.clock.sync(d.now);
  p.adoptCity(d.city, d.season);
  s.x = x;
  s.department = d.department;
  s.asked = Date.parse(d.now);
  document.title = `${p.t.shift.title(p.f.number(x.number))} · ${d.department.name[p.lang]} · ${p.t.product}`;
}

/** @param {Page} p */
function body(p) {
  const { x, department: d } = s;
  if (!x || !d) return nothing;
  return html`<nav class="crumbs no-print" aria-label=${p.t.back}><a href=${`/dept/${encodeURIComponent(d.id)}`}>${icon("back")}${p.t.dept.back(d.name[p.lang])}</a></nav>
    <div class="title">
      <div class="title-words"><h1>${p.t.shift.title(p.f.number(x.number))}</h1><p class="lead">${name(d.name[p.lang])}</p></div>
      <button type="button" class="button" data-kind="main" @click=${() => print()}>${icon("print")}${p.t.print}</button>
    </div>
    <div class="stack shift-page">
      ${facts(p, x)}
      ${x.note ? html`<section class="card"><h2>${p.t.shift.note}</h2><p class="quoted" dir="auto">${x.note}</p></section>` : nothing}
      <section class="card"><h2>${p.t.shift.log}</h2>${log(p, x)}</section>
      ${x.to ? nothing : html`<section class="card"><h2>${p.t.shift.openNow}</h2>${open(p, x)}</section>`}
      <section class="signatures only-print" aria-hidden="true"><p>${p.t.shift.signGiver}</p><p>${p.t.shift.signTaker}</p><p>${p.t.shift.signDate}</p></section>
      <p class="only-print small">${p.t.shift.printed(p.f.dateTime(p.now))}</p>
    </div>`;
}

/** @param {Page} p  @param {ShiftWhole} x */
function facts(p, x) {
  const who = (/** @type {import("./wire.js").Who|null} */ w) => (w ? name(inLang(w.name, p.lang)) : "—");
  return html`<dl class="card shift-facts">
    <div><dt>${p.t.shift.from}</dt><dd>${x.from ? p.f.dateTime(Date.parse(x.from)) : p.t.shift.first}</dd></div>
    <div><dt>${p.t.shift.to}</dt><dd>${x.to ? p.f.dateTime(Date.parse(x.to)) : p.t.shift.running}</dd></div>
    <div><dt>${p.t.shift.whose}</dt><dd>${who(x.taker)}</dd></div>
    ${x.to ? html`<div><dt>${p.t.shift.by}</dt><dd>${who(x.by)}</dd></div><div><dt>${p.t.shift.next}</dt><dd>${who(x.next)}</dd></div>` : nothing}
    <div><dt>${x.to ? p.t.shift.left : p.t.shift.openNow}</dt><dd>${p.t.shift.leftWords(p.f.count(x.open), x.overdue > 0 ? p.f.count(x.overdue) : "")}</dd></div>
  </dl>`;
}

/** @param {Page} p  @param {ShiftWhole} x */
function log(p, x) {
  if (x.log.length === 0) return empty(p.t.shift.nothing);
  const t = p.t.shift;
  return table({
    label: t.log,
    head: [t.time, t.case, t.what, t.who, t.did, t.words],
    rows: p.part("log", x.log),
    cells: (l) => [
      html`<time datetime=${l.at}>${p.f.at(Date.parse(l.at), Date.parse(x.to ?? x.from ?? l.at))}</time>`,
      l.case ? p.f.number(l.case) : "",
      l.what ? name(l.what[p.lang]) : "",
      name(inLang(l.by.name, p.lang)),
      html`${deed(p, l)}${l.to ? ` ${p.t.case.to(inLang(l.to.name, p.lang))}` : nothing}`,
      l.refused || l.note ? html`<span dir="auto">${[refusal(p, l), l.note].filter(Boolean).join(p.t.dot)}</span>` : "",
    ],
  });
}

/** @param {Page} p  @param {ShiftWhole} x */
function open(p, x) {
  if (x.open_cases.length === 0) return empty(p.t.shift.noneOpen);
  const t = p.t.shift;
  return table({
    label: t.openNow,
    head: [t.case, t.what, t.sla, t.age, t.owner],
    rows: p.part("open", x.open_cases),
    cells: (c) => [
      html`<a href=${caseHref(c)}>${p.f.number(c.number)}</a>`,
      html`${name([what(p, c), ...where(p, c)].join(p.t.dot))}`,
      words(standing(c, p.now, s.asked), p.t, p.f),
      p.f.at(Date.parse(c.opened_at), p.now),
      c.owner ? name(inLang(c.owner.name, p.lang)) : p.t.case.nobody,
    ],
  });
}

boot({ load, body });
