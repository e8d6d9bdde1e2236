// What a tile means at a moment: how old it is, and so what may be shown of it.
// The server judges the value, the wall judges the age, every second, by the data
// clock: no tile looks fresh when it is not.

/** @typedef {import("./wire.js").Tile} Tile */
/** @typedef {"ok"|"watch"|"alert"|"none"|"stale"|"dead"} Shown */

/** A tile is dead when it is this many times as old as it may be. */
const DEAD_AFTER = 2.5;

/**
 * @param {Tile|undefined} tile  @param {number} now data time in ms
 * @returns {{shown: Shown, age: number|null}} age in whole seconds, null where the source never spoke
 */
export function judge(tile, now) {
  if (!tile) return { shown: "none", age: null };
  const at = tile.at ? Date.parse(tile.at) : NaN;
  const age = Number.isNaN(at) ? null : Math.max(0, Math.floor((now - at) / 1000));
  if (tile.value === null) return { shown: "none", age };
  if (tile.ttl_seconds > 0) {
    // A value that cannot say how old it is must not pass for a fresh one.
    if (age === null || age > DEAD_AFTER * tile.ttl_seconds) return { shown: "dead", age };
    if (age > tile.ttl_seconds) return { shown: "stale", age };
  }
  return { shown: tile.status, age };
}

/** @param {Tile} tile  @returns {string} where a tile is looked up: its indicator and what it is about */
export function keyOf(tile) {
  return key(tile.indicator, tile.group);
}

/** @param {string} indicator  @param {import("./wire.js").Group} [group] none: the whole city  @returns {string} */
export function key(indicator, group = {}) {
  if (group.place) return `${indicator}|place|${group.place}`;
  if (group.district) return `${indicator}|district|${group.district}`;
  if (group.department) return `${indicator}|department|${group.department}`;
  return indicator;
}

/**
 * How much of the target is reached.
 * @param {number|null} value  @param {number|null} target
 * @returns {number|null} percent, not bounded above; null where there is nothing to compare
 */
export function reached(value, target) {
  if (value === null || target === null || !(target > 0)) return null;
  return Math.max(0, (value / target) * 100);
}
