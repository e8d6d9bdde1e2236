// An indicator against yesterday, and a plan against its time.

import { daysBetween } from "../calendar.js";
import { key } from "../tile.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").Owned} Owned */
/** @typedef {import("../wire.js").Group} Group */

/** Smaller differences are none. */
const NONE = 0.05;

/** @param {Pick<Page, "f"|"t"|"lang">} p  @param {Owned} i  @param {number} value  @returns {string} with the name of its unit */
export function valued(p, i, value) {
  const text = p.f.value(value, i.unit);
  return i.unit === "percent" ? text : `${text} ${i.unit_name[p.lang]}`;
}

/** @param {Owned} i  @param {Group} group  @returns {number|null} what it showed yesterday by this hour */
export function before(i, group) {
  const wanted = key("", group);
  return i.yesterday.find((y) => key("", y.group) === wanted)?.value ?? null;
}

/**
 * How a value differs from yesterday's.
 * @param {Pick<Page, "f"|"t"|"lang">} p  @param {Owned} i  @param {number|null} value  @param {number|null} yesterday
 * @returns {{way: "more"|"less"|"same"|"", words: string}} way "": it cannot be said
 */
export function difference(p, i, value, yesterday) {
  if (value === null || yesterday === null) return { way: "", words: p.t.dept.noYesterday };
  const by = value - yesterday;
  if (Math.abs(by) < NONE) return { way: "same", words: p.t.dept.same };
  const size = i.unit === "percent" ? p.t.dept.points(p.f.value(Math.abs(by), "m2")) : valued(p, i, Math.abs(by));
  return by > 0 ? { way: "more", words: p.t.dept.more(size) } : { way: "less", words: p.t.dept.less(size) };
}

/** @param {number|null} done  @param {number|null} planned  @returns {number} percent; 0 where nothing is planned */
export const share = (done, planned) => (planned && planned > 0 ? ((done ?? 0) / planned) * 100 : 0);

/**
 * How much of a plan's time has passed.
 * @param {string|null} from  @param {string|null} to local dates, both included  @param {string} today
 * @returns {number|null} percent, at the end of today
 */
export function passed(from, to, today) {
  if (!from || !to) return null;
  const days = daysBetween(from, to) + 1;
  return days > 0 ? Math.max(0, Math.min(100, ((daysBetween(from, today) + 1) / days) * 100)) : null;
}
