// The door: the pages that the visitor may open, and what each shows.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { boot } from "./page.js";
import { chip, empty, name } from "./parts.js";
import { badge, icon } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").PageLink} PageLink */

const KINDS = /** @type {const} */ (["dept", "media", "operate", "people", "wall"]);
/** @type {Record<PageLink["kind"], string>} the theme whose drawing stands for it */
const THEMES = { wall: "visitors", dept: "cleanliness", media: "visitors", operate: "services", people: "services" };

/** @type {Map<string, {open: number, overdue: number}>} by department, for those who may see them */
let counts = new Map();

/** @param {Page} p */
async function load(p) {
  // What waits in the departments is an extra, for those who may see one: the door opens without it.
  const s = await p.asked;
  if (!s?.pages.some((l) => l.kind === "dept")) return;
  const answer = await p.api.ask("/api/v1/departments", { stay: true }).catch(() => null);
  counts = new Map((answer?.departments ?? []).map((/** @type {{id: string, open: number, overdue: number}} */ d) => [`/dept/${d.id}`, d]));
}

/** @param {Page} p */
function body(p) {
  const s = p.session;
  const pages = s?.pages ?? [];
  return html`<div class="title">
      <div class="title-words"><h1>${p.t.door.title}</h1><p class="lead">${p.t.door.lead}</p></div>
      ${s && !s.person && !s.demo ? html`<a class="button" data-kind="main" href=${p.signInHref}>${icon("key")}${p.t.signIn}</a>` : nothing}
    </div>
    ${s?.demo ? html`<p class="card told door-told">${p.t.door.demo}</p>` : nothing}
    ${s && !s.person && !s.demo ? html`<p class="card door-told">${p.t.door.guest}</p>` : nothing}
    ${pages.length === 0 && s?.person ? empty(p.t.door.none, p.t.door.noneHint, badge("services")) : nothing}
    <div class="door-groups">${KINDS.map((kind) => group(p, kind, pages.filter((l) => l.kind === kind)))}</div>`;
}

/** @param {Page} p  @param {PageLink["kind"]} kind  @param {PageLink[]} pages */
function group(p, kind, pages) {
  if (pages.length === 0) return nothing;
  return html`<section class="door-group" data-kind=${kind} aria-labelledby=${`door-${kind}`}>
    <h2 id=${`door-${kind}`}>${p.t.door.kinds[kind]}</h2>
    <ul class="grid">${pages.map((l) => html`<li class="card leads door-page" data-box=${`page:${l.href}`}>
      ${badge(THEMES[kind])}
      <div class="door-words">
        <h3><a class="leads-link" href=${l.href}>${name(l.name[p.lang])}</a></h3>
        <p class="quiet">${l.note[p.lang]}</p>
        ${waits(p, counts.get(l.href))}
      </div>
    </li>`)}</ul>
  </section>`;
}

/** What waits there.  @param {Page} p  @param {{open: number, overdue: number}|undefined} c */
const waits = (p, c) =>
  c
    ? html`<p class="row door-waits"><span class="chip">${p.t.door.open(p.f.count(c.open))}</span>${c.overdue > 0 ? chip("alert", p.t.door.overdue(p.f.count(c.overdue))) : nothing}</p>`
    : nothing;

boot({ load, body, open: true });
