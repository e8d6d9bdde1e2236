// The indicators that a department answers for: live, against their target and
// against yesterday; and behind each its groups and its cases.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { judge, key, reached } from "../tile.js";
import { before, difference, valued } from "./compare.js";
import { bar, chip, name } from "./parts.js";
import { badge, shape } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").Owned} Owned */
/** @typedef {import("../wire.js").Group} Group */

/** @param {string} id  @returns {string} the fragment under which it is looked into */
export const fragment = (id) => `#i/${encodeURIComponent(id)}`;

/** @param {string} hash  @returns {string} the indicator that is looked into; "" for none */
export const looked = (hash) => (hash.startsWith("#i/") ? decodeURIComponent(hash.slice(3)) : "");

const ARROWS = { more: "\u25b2", less: "\u25bc", same: "=", "": "" };

/** @param {Page} p  @param {Owned} i */
export function indicator(p, i) {
  const tile = p.store.tiles.get(key(i.id));
  const { shown, age } = judge(tile, p.now);
  const value = tile?.value ?? null;
  const d = difference(p, i, value, before(i, {}));
  return html`<li class="card leads ind" data-shown=${shown} data-box=${`ind:${i.id}`}>
    <div class="ind-head">${badge(i.theme)}<h3><a class="leads-link" href=${fragment(i.id)}>${name(i.name[p.lang])}</a></h3>${chip(shown, p.t.status[shown])}</div>
    <p class="ind-value"><bdi class="figure" dir=${p.dir}>${value === null ? "—" : p.f.value(value, i.unit)}</bdi>
      <span class="figure-unit">${i.unit === "percent" ? nothing : i.unit_name[p.lang]}</span>
      ${aim(p, i, value)}</p>
    ${i.target !== null && i.unit !== "minute" ? bar(reached(value, i.target) ?? 0, shown, true) : nothing}
    <p class="ind-more"><span class="ind-diff" data-way=${d.way}>${ARROWS[d.way] ? html`<span aria-hidden="true">${ARROWS[d.way]}</span> ` : nothing}${d.words}</span>
      <span class="quiet small">${age === null ? nothing : p.f.ago(age)}</span></p>
  </li>`;
}

/** How far the target is.  @param {Page} p  @param {Owned} i  @param {number|null} value */
function aim(p, i, value) {
  if (i.target === null || i.target === undefined) return nothing;
  const way = reached(value, i.target);
  const words = i.unit === "percent" || i.unit === "minute" || way === null ? `${p.t.dept.target} ${p.f.value(i.target, i.unit)}` : p.t.dept.targetOf(p.f.percent(Math.floor(way)));
  return html`<span class="ind-aim">${words}</span>`;
}

/**
 * What is behind an indicator: its meaning, and its groups, of which one may be picked.
 * @param {Page} p  @param {Owned} i  @param {{places: import("../wire.js").Place[], districts: import("./wire.js").District[]}} d
 * @param {string} picked key of a group  @param {(key: string, tile: import("../wire.js").Tile) => void} pick
 */
export function groups(p, i, d, picked, pick) {
  const own = key(i.id);
  const rows = [...p.store.tiles.values()].filter((t) => t.indicator === i.id && key(i.id, t.group) !== own);
  const most = Math.max(i.unit === "percent" ? 100 : 0, ...rows.map((t) => t.value ?? 0));
  const by = [
    { id: "district", words: p.t.dept.byDistrict, of: (/** @type {Group} */ g) => d.districts.find((x) => x.id === g.district) },
    { id: "place", words: p.t.dept.byPlace, of: (/** @type {Group} */ g) => d.places.find((x) => x.id === g.place) },
  ];
  return by.map(({ id, words, of }) => {
    const list = rows.flatMap((tile) => {
      const named = of(tile.group);
      return named ? [{ tile, named, ...judge(tile, p.now) }] : [];
    });
    if (list.length === 0) return nothing;
    // Of what has a target the least comes first, of what has none the most.
    const more = i.target === null || i.target === undefined ? 1 : -1;
    list.sort((a, b) => RANK[a.shown] - RANK[b.shown] || more * ((b.tile.value ?? 0) - (a.tile.value ?? 0)));
    return html`<section><h3 class="groups-title">${words}</h3><ul class="groups" data-by=${id}>${list.map(({ tile, named, shown }) => {
      const k = key(i.id, tile.group);
      const diff = difference(p, i, tile.value, before(i, tile.group));
      return html`<li><button type="button" class="group" data-shown=${shown} aria-pressed=${k === picked ? "true" : "false"} title=${diff.words} @click=${() => pick(k, tile)}>
        <span class="group-name">${shape(shown)}<span>${name(named.name[p.lang])}</span></span>
        <span class="group-value">${tile.value === null ? p.t.status[shown] : p.f.value(tile.value, i.unit)}<span class="heard"> ${p.t.status[shown]}</span></span>
        ${bar(most > 0 ? ((tile.value ?? 0) / most) * 100 : 0, shown)}
      </button></li>`;
    })}</ul></section>`;
  });
}

/** @type {Record<import("../tile.js").Shown, number>} the worst first */
const RANK = { alert: 0, watch: 1, dead: 2, stale: 3, ok: 4, none: 5 };

/** What the number means.  @param {Page} p  @param {Owned} i */
export function meaning(p, i) {
  const tile = p.store.tiles.get(key(i.id));
  const { shown } = judge(tile, p.now);
  const value = tile?.value ?? null;
  const y = before(i, {});
  return html`<div class="ind-whole">
      <p class="ind-value"><bdi class="figure" dir=${p.dir}>${value === null ? "—" : p.f.value(value, i.unit)}</bdi>
        <span class="figure-unit">${i.unit === "percent" ? nothing : i.unit_name[p.lang]}</span> ${chip(shown, p.t.status[shown])}</p>
    </div>
    <dl class="facts">
      <dt>${p.t.dept.yesterday}</dt><dd>${y === null ? p.t.dept.noYesterday : valued(p, i, y)}</dd>
      ${i.target === null || i.target === undefined ? nothing : html`<dt>${p.t.dept.target}</dt><dd>${valued(p, i, i.target)}</dd>`}
      <dt>${p.t.dept.definition}</dt><dd>${i.definition[p.lang]}</dd>
      <dt>${p.t.dept.body}</dt><dd>${i.body[p.lang] || i.owner_name[p.lang]}</dd>
    </dl>`;
}
