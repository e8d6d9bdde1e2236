// The number tiles of the whole city.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { emWidth } from "../format.js";
import { judge, key, reached } from "../tile.js";
import { badge, shape } from "./shapes.js";

/** @typedef {import("../wall.js").View} View */
/** @typedef {import("../wire.js").Indicator} Indicator */

/** @param {View} v */
export function numbers(v) {
  const list = v.described?.screen.numbers ?? [];
  return html`<section class="numbers" data-count=${list.length} .style=${`--count:${list.length}`}>
    ${list.map((id) => number(v, v.indicators.get(id)))}
  </section>`;
}

/** @param {View} v  @param {Indicator|undefined} i */
function number(v, i) {
  if (!i) return nothing;
  const tile = v.tiles.get(key(i.id));
  const { shown, age } = judge(tile, v.now);
  const value = tile?.value ?? null;
  const text = value === null ? "—" : v.f.value(value, i.unit);
  const name = i.name[v.lang];
  const note = noteOf(v, tile);
  return html`<article class="tile" data-tile=${i.id} data-box=${`tile:${i.id}`} data-shown=${shown} title=${explained(v, i)}>
    <header class="tile-head">
      ${badge(i.theme)}
      <h2 class="tile-name" .style=${`--chars:${name.length}`}>
        ${name}${note ? html` <small class="note">${note}</small>` : nothing}
      </h2>
      ${shape(shown)}
    </header>
    <div class="tile-middle">
      <div class="figure-room"><p class="figure" .style=${`--ems:${emWidth(text)}`}><bdi dir=${v.dir}>${text}</bdi></p></div>
      ${meaning(v, i, value)}
    </div>
    ${progress(i, value)}
    <footer class="tile-foot">
      ${shown === "dead" ? nothing : html`<span class="state">${v.t.status[shown]}</span>`}
      <span class="coverage" data-full=${full(tile)} .style=${`--part:${part(tile)}`}>${coverage(v, tile)}</span>
      <span class="age">${age === null && speaks(tile) ? v.t.noneYet : ageWords(v, shown, age)}</span>
    </footer>
  </article>`;
}

/** For whoever points at it: the definition and who answers for it.  @param {View} v  @param {Indicator} i */
const explained = (v, i) => [i.definition?.[v.lang], i.body?.[v.lang]].filter(Boolean).join("\n");

/** What the number counts, over which time, towards what.  @param {View} v  @param {Indicator} i  @param {number|null} value */
function meaning(v, i, value) {
  const unit = i.unit === "percent" ? "" : i.unit_name[v.lang];
  const period = v.t.over[i.over] ?? "";
  const over = i.name[v.lang].toLowerCase().includes(period) ? "" : period; // said once is enough
  // The letters shrink with the number of lines that they may need.
  const lines = (unit.length + over.length > 19 ? 2 : 1) + (aimed(i) ? 1 : 0);
  return html`<div class="meaning" .style=${`--lines:${lines}`}>
    <p><span class="unit">${unit}</span> <span>${over}</span></p>
    ${aimed(i) ? html`<p class="target">${aim(v, i, reached(value, i.target))}</p>` : nothing}
  </div>`;
}

/** @param {View} v  @param {import("../wire.js").Tile|undefined} tile  @returns {string} what is special about the figure */
function noteOf(v, tile) {
  if (!tile || tile.value === null) return "";
  if (tile.revised) return v.t.revised;
  return tile.provisional ? "" : v.t.final;
}

/** The way to the target; without one a hair line keeps all tiles alike.  @param {Indicator} i  @param {number|null} value */
function progress(i, value) {
  const way = Math.min(100, reached(value, i.target) ?? 0);
  // Of a waiting time less is better: there is no way to go.
  return html`<div class="bar" data-aimed=${aimed(i) && i.unit !== "minute" ? "yes" : "no"}><span class="bar-fill" .style=${`inline-size:${way}%`}></span></div>`;
}

/** @param {Indicator} i */
const aimed = (i) => i.target !== null && i.target !== undefined;

/** A share is set beside its target; of a count, the part that is reached is said.  @param {View} v  @param {Indicator} i  @param {number|null} way percent */
function aim(v, i, way) {
  if (way === null || way >= 1000 || i.unit === "percent" || i.unit === "minute") return v.t.targetOf(v.f.value(Number(i.target), i.unit));
  return v.t.target(v.f.percent(Math.floor(way)));
}

/** @param {View} v  @param {import("../wire.js").Tile|undefined} tile */
function coverage(v, tile) {
  const c = tile?.coverage;
  return c && c.expected > 0 ? v.t.coverage(v.f.count(c.reporting), v.f.count(c.expected)) : "";
}

/** @param {import("../wire.js").Tile|undefined} tile  @returns {boolean} whether any of its sources reports */
const speaks = (tile) => (tile?.coverage?.reporting ?? 0) > 0;

/** @param {import("../wire.js").Tile|undefined} tile  @returns {number} percent of the sources that report */
function part(tile) {
  const c = tile?.coverage;
  return c && c.expected > 0 ? Math.round((c.reporting / c.expected) * 100) : 100;
}

/** @param {import("../wire.js").Tile|undefined} tile  @returns {"yes"|"no"} whether every source reports */
function full(tile) {
  const c = tile?.coverage;
  return c && c.reporting < c.expected ? "no" : "yes";
}

/**
 * How old a value is, in words.
 * @param {View} v  @param {import("../tile.js").Shown} shown  @param {number|null} age seconds
 * @returns {string}
 */
export function ageWords(v, shown, age) {
  if (age === null) return v.t.neverHeard;
  if (shown === "dead") {
    return age < 20 * 3600 ? v.t.silentSince(v.f.time(v.now - age * 1000)) : v.t.silentFor(v.f.ago(age));
  }
  if (age < 5) return v.t.justNow;
  return shown === "none" ? v.t.silentFor(v.f.ago(age)) : v.f.ago(age);
}
