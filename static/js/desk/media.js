// The media office's page: figures of visitors, each with all that belongs to it.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { find, segments } from "./choices.js";
import { card, hero } from "./media-card.js";
import { sections } from "./media-shelf.js";
import { BYS, Media, PERIODS } from "./media-state.js";
import { program, take } from "./media-take.js";
import { boot } from "./page.js";
import { empty, failed, waiting } from "./parts.js";

/** @typedef {import("./page.js").Page} Page */

/** @type {Media} */
let media;

boot({
  view: () => "all",
  load: (p) => {
    media ??= new Media(p);
    return media.load();
  },
  frame: (_p, frame) => media.frame(frame),
  second: () => media.second(),
  body: (p) => page(p, media),
});

/** @param {Page} p  @param {Media} m */
function page(p, m) {
  const t = m.words;
  const first = m.city.cards.find((c) => c.id === m.chief);
  return html`<div class="title"><div class="title-words"><h1>${t.title}</h1><p class="lead">${t.lead}</p></div></div>
    <div class="bar-of-choices no-print">
      ${segments("period", t.period, PERIODS.map((x) => [x, t.periods[x]]), m.period, (x) => m.look({ period: x }))}
      ${segments("by", t.by, BYS.map((x) => [x, t.bys[x]]), m.by, (x) => m.look({ by: x }))}
    </div>
    ${m.problem ? html`<div class="below">${failed(p, m.problem, () => void m.again())}</div>` : nothing}
    ${m.filled
      ? html`<div class="columns below">
            <div class="stack">${first ? hero(p, m, first) : empty(t.noFigures)}</div>
            ${take(p, m)}
          </div>
          ${first || m.list.length > 0 ? list(p, m) : nothing}`
      : m.problem ? nothing : waiting(p, 6)}
    ${program(p, m)}`;
}

/** @param {Page} p  @param {Media} m */
function list(p, m) {
  const t = m.words;
  const all = m.list;
  if (all.length === 0) return nothing;
  const found = m.found;
  return html`<section aria-labelledby="figures-title">
    <div class="list-head">
      <h2 id="figures-title">${m.by === "city" ? t.allFigures : t.grouped(t.bys[m.by])}</h2>
      <p class="quiet" role="status">${t.found(p.f.count(found.length), p.f.count(all.length))}</p>
      ${find("search", t.search, t.searchHint, m.query, (q) => m.find(q))}
    </div>
    ${found.length === 0
      ? empty(t.noneFound, html`<button type="button" class="button" @click=${() => m.find("")}>${t.clearSearch}</button>`)
      : m.by === "city"
        ? html`<div class="grid figures">${found.map((c) => card(p, m, c))}</div>`
        : sections(found).map((s) => html`<section class="indicator">
            <h3 class="indicator-name">${s.cards[0].name[p.lang]} <span class="quiet">${p.f.count(s.cards.length)}</span></h3>
            <div class="grid figures">${s.cards.map((c) => card(p, m, c))}</div>
          </section>`)}
  </section>`;
}
