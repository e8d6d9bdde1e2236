// Places by crowding: people present against what a place can hold.

import { judge, key } from "./tile.js";

/** @typedef {import("./wire.js").Place} Place */
/**
 * @typedef {object} Crowd
 * @property {Place} place
 * @property {number|null} value persons present
 * @property {number|null} percent of the place's capacity; null where either is unknown
 * @property {import("./tile.js").Shown} shown
 * @property {number|null} age seconds
 */

/**
 * Ranks the places that the indicator speaks of: the fullest first, then those
 * without a declared capacity by their number, then those that are silent. A
 * stale place keeps its rank, since the crowd may still be there.
 * @param {Place[]} places  @param {string} indicator
 * @param {ReadonlyMap<string, import("./wire.js").Tile>} tiles by key  @param {number} now data time in ms
 * @returns {Crowd[]}
 */
export function rank(places, indicator, tiles, now) {
  /** @type {Crowd[]} */
  const crowds = [];
  for (const place of places) {
    const tile = tiles.get(key(indicator, { place: place.id }));
    if (!tile) continue;
    const { shown, age } = judge(tile, now);
    const percent = tile.value !== null && place.capacity > 0 ? (tile.value / place.capacity) * 100 : null;
    crowds.push({ place, value: tile.value, percent, shown, age });
  }
  return crowds.sort(worstFirst);
}

/** @param {Crowd} a  @param {Crowd} b */
function worstFirst(a, b) {
  return band(a) - band(b) || (b.percent ?? 0) - (a.percent ?? 0) || (b.value ?? 0) - (a.value ?? 0)
    || (a.place.id < b.place.id ? -1 : 1);
}

/** @param {Crowd} c  @returns {number} 0 comparable, 1 without capacity, 2 silent */
function band(c) {
  if (c.shown === "dead" || c.shown === "none") return 2;
  return c.percent === null ? 1 : 0;
}

/**
 * What to say about the places that found no room.
 * @param {Crowd[]} rest  @returns {{count: number, below: number|null, silent: number}} below: every
 *   place that can be compared is under this many percent, in steps of five
 */
export function summary(rest) {
  let top = -1;
  let silent = 0;
  for (const c of rest) {
    if (band(c) === 2) silent++;
    else if (c.percent !== null) top = Math.max(top, c.percent);
  }
  return { count: rest.length, below: top < 0 ? null : (Math.floor(top / 5) + 1) * 5, silent };
}
