// A department: what is worst and oldest first, its indicators, its plans, its shift.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { key } from "../tile.js";
import { begin } from "./act.js";
import { cases } from "./cases.js";
import { filterBar } from "./filter-bar.js";
import { everything, narrows, query, read, write } from "./filter.js";
import { groups, indicator, looked, meaning } from "./indicators.js";
import { boot } from "./page.js";
import { count, empty, failed, name, waiting } from "./parts.js";
import { plan } from "./plans.js";
import { badge, icon } from "./shapes.js";
import { panel } from "./shifts.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").Case} Case */

const FIRST = 12; // cases that a list begins with
const MORE = 36;
const ROWS = 4; // of them that each frame adds at first
const ROWS_IN = FIRST / ROWS - 1; // the stage that has them all
const APART_MS = 1_500; // real time between two questions for the lists, at least
const SLOW_MS = 10_000; // the same, while no frame tells of changes
const ALWAYS_MS = 60_000; // and at most

class State {
  /** @type {import("./wire.js").Department|null} */ d = null;
  /** @type {{cases: Case[], total: number}} */ list = { cases: [], total: 0 };
  /** @type {import("./wire.js").Shift[]} */ shifts = [];
  filter = read(location.search);
  limit = FIRST;
  lists = { open: this.filter.district !== "" || this.filter.kind !== "" };
  asked = 0; // when the server answered, data time in ms
  at = -Infinity; // the same, monotonic ms
  wanted = false; // something has changed since
  asking = false;
  pressed = false; // somebody waits for lists that were not asked for yet
  busy = 0; // the case that is being acknowledged
  /** @type {{id: string, group: string, cases: Case[]|null, total: number, asked: number, problem: import("./api.js").Problem|null}|null} the indicator that is looked into */ look = null;
}

const s = new State();

/** @param {Page} p  @returns {string} */
const path = (p) => `/api/v1/departments/${encodeURIComponent(p.department)}`;

/** @param {Page} p */
async function load(p) {
  s.asking = true;
  s.wanted = false;
  try {
    const [d, list, shifts] = await Promise.all([
      p.api.ask(path(p)),
      p.api.ask(`${path(p)}/cases?${query(s.filter, s.limit)}`),
      p.api.ask(`${path(p)}/shifts`),
    ]);
    s.d = d;
    s.list = list;
    s.shifts = shifts.shifts;
    p.clock.sync(d.now);
    p.adoptCity(d.city, d.season);
    s.asked = Date.parse(d.now);
    s.at = performance.now();
    document.title = `${d.department.name[p.lang]} · ${d.city.name[p.lang]} · ${p.t.product}`;
    if (s.look) void evidence(p);
  } finally {
    s.asking = false;
  }
}

/** Asks once more; what goes wrong is told by the line.  @param {Page} p */
async function refresh(p) {
  s.pressed = s.asking;
  if (s.asking) return; // for what may have changed since: then once more
  await load(p).catch((err) => {
    s.at = performance.now();
    if (p.line === "live") p.sayProblem(err);
  });
  p.draw();
  if (s.pressed) await refresh(p);
}

/** @param {Page} p */
function second(p) {
  if (s.asking) return;
  const gone = performance.now() - s.at;
  const every = p.line === "live" ? ALWAYS_MS : SLOW_MS;
  if (gone >= every || (s.wanted && gone >= APART_MS)) void refresh(p);
}

/** @param {Page} p  @param {import("../wire.js").Frame} frame */
function frame(p, frame) {
  if (frame.type !== "cases") return;
  s.wanted = true;
  second(p);
}

/** @param {Page} p  @param {import("./filter.js").Filter} f */
function choose(p, f) {
  s.filter = f;
  s.limit = FIRST;
  const q = write(f);
  history.replaceState(null, "", `${location.pathname}${q.size > 0 ? `?${q}` : ""}${location.hash}`);
  void refresh(p);
}

/** Shows more cases; those who use keys go on with the first of them.  @param {Page} p */
async function more(p) {
  const had = s.list.cases.length;
  s.limit += MORE;
  await refresh(p);
  requestAnimationFrame(() => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".dept-cases .leads-link"))[had]?.focus());
}

/** @param {Page} p  @param {Case} c */
async function acknowledge(p, c) {
  if (s.busy) return;
  s.busy = c.number;
  await begin({ p, c, what: "acknowledge", people: s.d?.people ?? [], say: (words) => p.say(words), done: () => void refresh(p) });
  s.busy = 0;
  p.draw();
}

// ── looking into an indicator ────────────────────────────────────────────────

/** Follows the fragment of the address.  @param {Page} p */
function follow(p) {
  const id = looked(location.hash);
  if (!id || !s.d?.indicators.some((i) => i.id === id)) {
    if (s.look) p.hide();
    return;
  }
  s.look = { id, group: key(id), cases: null, total: 0, asked: 0, problem: null };
  p.show(look);
  void evidence(p);
}

/** Asks for the cases behind the number that is looked into.  @param {Page} p */
async function evidence(p) {
  const look = s.look;
  if (!look) return;
  const tile = p.store.tiles.get(look.group);
  const now = s.d?.indicators.find((i) => i.id === look.id)?.over === "now"; // behind a count of now stands what is open now
  const q = new URLSearchParams({ tile: tile?.id ?? look.id, state: now ? "open" : "all", sort: "worst", limit: String(FIRST) });
  try {
    const answer = await p.api.ask(`${path(p)}/cases?${q}`);
    Object.assign(look, { cases: answer.cases, total: answer.total, asked: p.now, problem: null });
  } catch (err) {
    look.problem = /** @type {import("./api.js").Problem} */ (err);
  }
  p.draw();
}

/** @param {Page} p  @returns {import("./dialog.js").Sheet} */
function look(p) {
  const i = s.d?.indicators.find((x) => x.id === s.look?.id);
  const l = s.look;
  if (!i || !l || !s.d) return { title: "", body: nothing };
  const pick = (/** @type {string} */ k) => {
    Object.assign(l, { group: l.group === k ? key(i.id) : k, cases: null });
    void evidence(p);
    p.draw();
    if (matchMedia("(width < 900px)").matches) toEvidence();
  };
  return {
    title: name(i.name[p.lang]),
    wide: true,
    close: () => {
      s.look = null;
      if (looked(location.hash)) history.replaceState(null, "", location.pathname + location.search);
    },
    body: html`<div class="look">
      <div class="look-words">${meaning(p, i)}
        <button type="button" class="button look-jump" @click=${toEvidence}>${icon("more")}${p.t.dept.evidence}</button>
        ${groups(p, i, s.d, l.group, pick)}</div>
      <section aria-labelledby="look-cases" aria-live="polite">
        <div class="card-head"><h3 id="look-cases">${p.t.dept.evidence}</h3>${l.cases && l.cases.length > 0 ? html`<span class="quiet small">${p.t.dept.showing(p.f.count(l.cases.length), p.f.count(l.total))}</span>` : nothing}</div>
        ${l.group === key(i.id) ? nothing : html`<p class="row"><span class="chip">${picked(p, l.group)}</span><button type="button" class="button" data-kind="plain" @click=${() => pick(l.group)}>${p.t.dept.whole}</button></p>`}
        ${l.problem ? failed(p, l.problem, () => void evidence(p)) : !l.cases ? waiting(p, 3) : l.cases.length === 0 ? empty(p.t.dept.noEvidence, p.t.dept.noEvidenceHint, badge(i.theme)) : cases(p, l.cases, l.asked)}
      </section>
    </div>`,
  };
}

/** On a phone the cases stand below the groups. */
const toEvidence = () => document.getElementById("look-cases")?.scrollIntoView();

/** The name of a group.  @param {Page} p  @param {string} group */
function picked(p, group) {
  const [, by, id] = group.split("|");
  const list = by === "district" ? s.d?.districts : s.d?.places;
  return list?.find((x) => x.id === id)?.name[p.lang] ?? id;
}

// ── the page ─────────────────────────────────────────────────────────────────

/** @param {Page} p */
function body(p) {
  const d = s.d;
  if (!d) return nothing;
  const parts = [["cases", p.t.dept.cases], ["indicators", p.t.dept.indicators], ...(d.plans.length > 0 ? [["plans", p.t.dept.plans]] : []), ["shift", p.t.dept.shift]];
  return html`<div class="title"><div class="title-words"><h1>${name(d.department.name[p.lang])}</h1></div></div>
    ${summary(p, d.summary)}
    <nav class="jump no-print" aria-label=${p.t.dept.parts}>${parts.map(([id, words]) => html`<a class="button" href=${`#${id}`}>${words}</a>`)}</nav>
    <div class="dept" data-plans=${d.plans.length > 0 ? "yes" : "no"}>
      <section class="card dept-cases" id="cases" aria-labelledby="cases-title">${list(p, d)}</section>
      ${p.stage > ROWS_IN ? indicators(p, d) : nothing} ${p.stage > ROWS_IN + 1 ? below(p, d) : nothing}
    </div>`;
}

/** @param {Page} p  @param {import("./wire.js").Department} d */
function indicators(p, d) {
  return html`<section class="dept-indicators" id="indicators" aria-labelledby="indicators-title">
    <h2 id="indicators-title">${p.t.dept.indicators}</h2>
    ${d.indicators.length === 0 ? html`<p class="quiet">${p.t.dept.noIndicators}</p>` : html`<ul class="grid inds">${d.indicators.map((i) => indicator(p, i))}</ul>`}
  </section>`;
}

/** The plans and the shift.  @param {Page} p  @param {import("./wire.js").Department} d */
function below(p, d) {
  return html`${d.plans.length > 0
      ? html`<section class="dept-plans stack" id="plans" aria-labelledby="plans-title"><h2 id="plans-title">${p.t.dept.plans}</h2>${d.plans.map((x) => plan(p, x))}</section>`
      : nothing}
    <section class="dept-shift" id="shift" aria-labelledby="shift-title"><h2 id="shift-title">${p.t.dept.shift}</h2>${panel(p, d, s.shifts, () => void refresh(p))}</section>`;
}

/** @param {Page} p  @param {import("./wire.js").Summary} x */
function summary(p, x) {
  const open = s.filter.state === "open";
  const set = (/** @type {Partial<import("./filter.js").Filter>} */ f) => () => choose(p, { ...everything(), ...f });
  const oldest = x.oldest_at ? p.t.dept.oldest(p.f.about((p.now - Date.parse(x.oldest_at)) / 1000)) : "";
  return html`<section class="counts" aria-label=${p.t.dept.summary}>
    ${count({ figure: p.f.count(x.open), words: p.t.dept.open, more: oldest, pressed: open && !narrows(s.filter), press: set({}) })}
    ${count({ figure: p.f.count(x.overdue), words: p.t.dept.overdue, shown: x.overdue > 0 ? "alert" : "ok", pressed: open && s.filter.late, press: set({ late: true }) })}
    ${count({ figure: p.f.count(x.unacknowledged), words: p.t.dept.unacknowledged, shown: x.unacknowledged > 0 ? "watch" : "ok", more: x.paused > 0 ? p.t.dept.paused(p.f.count(x.paused)) : "", pressed: open && s.filter.unseen, press: set({ unseen: true }) })}
    ${count({ figure: p.f.count(x.closed_today), words: p.t.dept.closedToday, more: x.late_today > 0 ? p.t.dept.lateToday(p.f.count(x.late_today)) : "", pressed: !open, press: set({ state: "closed" }) })}
  </section>`;
}

/** @param {Page} p  @param {import("./wire.js").Department} d */
function list(p, d) {
  const { cases: some, total } = s.list;
  return html`<div class="card-head"><h2 id="cases-title">${s.filter.state === "open" ? p.t.dept.openCases : p.t.dept.closedCases}</h2>
      <span class="quiet small" aria-live="polite">${total > 0 ? p.t.dept.showing(p.f.count(some.length), p.f.count(total)) : nothing}</span></div>
    ${filterBar(p, s.filter, d.districts, (f) => choose(p, f), s.lists)}
    ${some.length > 0
      ? cases(p, p.stage < ROWS_IN ? some.slice(0, ROWS * (p.stage + 1)) : some, s.asked, d.may_act ? { press: (c) => void acknowledge(p, c), busy: s.busy } : {})
      : narrows(s.filter) ? empty(p.t.dept.noneSuch, p.t.dept.noneSuchHint, badge("services")) : empty(p.t.dept.none, p.t.dept.noneHint, badge("cleanliness"))}
    ${some.length < total
      ? html`<p class="buttons"><button type="button" class="button" @click=${() => void more(p)}>${icon("more")}${p.t.more}</button></p>`
      : nothing}`;
}

const page = boot({
  view: (p) => p.department,
  load: async (p) => {
    await load(p);
    follow(p);
  },
  body,
  frame: (p, f) => frame(p, f),
  second,
});
if (page) addEventListener("hashchange", () => follow(page));
