// Places by crowding, the fullest first: as many as the wall has room for.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { rank, summary } from "../places.js";
import { ageWords } from "./numbers.js";
import "./room.js";
import { shape } from "./shapes.js";

/** @typedef {import("../wall.js").View} View */
/** @typedef {import("../places.js").Crowd} Crowd */

/** @param {View} v  @param {number} most places that may be drawn by now */
export function crowding(v, most) {
  const d = v.described;
  const all = d ? rank(d.places, d.screen.crowding, v.tiles, v.now) : [];
  const fits = v.room.rows * v.room.columns;
  const shown = all.slice(0, fits);
  const rows = Math.max(1, Math.min(v.room.rows, Math.ceil(all.length / v.room.columns)));
  return html`<section class="panel crowding" data-box="crowding">
    <header class="panel-head">
      <h2>${v.t.crowding}</h2>
      <p>${v.t.crowdingOf}</p>
      <p class="rest">${rest(v, all.slice(fits))}</p>
    </header>
    <room-for class="crowds" .onroom=${v.onRoom} .style=${`--rows:${rows}`}>
      ${shown.slice(0, most).map((c) => row(v, c))}
      ${all.length === 0 ? html`<p class="nothing">${v.t.noPlaces}</p>` : nothing}
    </room-for>
  </section>`;
}

/** @param {View} v  @param {Crowd} c */
function row(v, c) {
  const name = c.place.name[v.lang];
  const silent = c.shown === "dead" || c.shown === "none";
  const full = c.percent ?? 0;
  return html`<article class="crowd" data-tile=${`crowding:${c.place.id}`} data-box=${`crowd:${c.place.id}`} data-shown=${c.shown}>
    <span class="crowd-shape">${shape(c.shown)}</span>
    <h3 class="crowd-name" .style=${`--chars:${name.length}`}>${name}</h3>
    <p class="crowd-percent"><bdi dir=${v.dir}>${c.percent === null ? "—" : v.f.percent(Math.round(c.percent))}</bdi></p>
    <span class="bar"><span class="bar-fill" .style=${`inline-size:${silent ? 0 : Math.min(100, full)}%`}></span></span>
    <p class="crowd-words"><span>${words(v, c)}</span><span class="crowd-state">${state(v, c)}</span></p>
  </article>`;
}

/** @param {View} v  @param {Crowd} c  @returns {string} */
function words(v, c) {
  if (c.value === null) return v.t.status.none;
  if (c.place.capacity > 0) return v.t.presentOf(v.f.count(c.value), v.f.count(c.place.capacity));
  return `${v.t.present(v.f.count(c.value), v.unitOf(v.described?.screen.crowding ?? ""))}`;
}

/** The status in words; for an old value, how old.  @param {View} v  @param {Crowd} c  @returns {string} */
function state(v, c) {
  if (c.shown === "stale" || c.shown === "dead") return ageWords(v, c.shown, c.age);
  if (c.value !== null && c.percent === null) return v.t.noCapacity;
  return c.shown === "none" ? "" : v.t.status[c.shown];
}

/** @param {View} v  @param {Crowd[]} left  @returns {string} */
function rest(v, left) {
  if (left.length === 0) return "";
  const { count, below, silent } = summary(left);
  const said = v.t.rest(v.f.count(count), below === null || silent > 0 ? "" : v.f.percent(below));
  return silent > 0 ? `${said} · ${v.t.restSilent(v.f.count(silent))}` : said;
}
