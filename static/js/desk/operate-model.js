// What the operators' page makes of what the server says, without a page.

import { matches } from "./find.js";

/** @typedef {import("./operate-wire.js").Source} Source */
/** @typedef {import("./operate-wire.js").SourceState} SourceState */
/** @typedef {import("./operate-wire.js").Role} Role */

/** @typedef {"sources"|"quarantine"|"system"|"people"|"tokens"|"audit"} Tab */

/** @type {Tab[]} in the order of the page */
export const TABS = ["sources", "quarantine", "system", "people", "tokens", "audit"];

/** @param {Role|""} role  @returns {Tab[]} what somebody of that role may see; the server judges it again */
export function tabsOf(role) {
  if (role === "admin") return TABS;
  return role === "operator" ? TABS.filter((t) => t !== "people") : [];
}

/** @param {string} fragment such as "#tokens"  @param {Tab[]} tabs  @returns {Tab|null} the first where the fragment names none */
export function tabOf(fragment, tabs) {
  return tabs.find((t) => `#${t}` === fragment.split("?")[0]) ?? tabs[0] ?? null;
}

/**
 * Where a key leads from one tab.
 * @param {string} key  @param {number} at  @param {number} count  @param {"rtl"|"ltr"} dir
 * @returns {number|null} null: the key is not for the tabs
 */
export function next(key, at, count, dir) {
  const forth = dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const back = dir === "rtl" ? "ArrowRight" : "ArrowLeft";
  if (at < 0) return null;
  if (key === forth) return (at + 1) % count;
  if (key === back) return (at + count - 1) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return key === " " ? at : null;
}

/** @type {SourceState[]} the most pressing first */
export const STATES = ["dead", "never", "stale", "idle", "fresh"];

/** How a state is drawn.  @type {Record<SourceState, import("../tile.js").Shown>} */
export const SHOWN = { dead: "alert", never: "none", stale: "watch", idle: "stale", fresh: "ok" };

/** @param {Source[]} sources  @returns {Source[]} silent ones first, and of them those that are silent longest */
export function pressing(sources) {
  const at = (/** @type {Source} */ s) => (s.last_at ? Date.parse(s.last_at) : 0);
  return sources
    .map((s, i) => ({ s, i }))
    .sort((a, b) => STATES.indexOf(a.s.state) - STATES.indexOf(b.s.state) || (a.s.state === "fresh" ? 0 : at(a.s) - at(b.s)) || a.i - b.i)
    .map(({ s }) => s);
}

/**
 * @param {Source[]} sources  @param {{state: SourceState|"", department: string, query: string}} want  @returns {Source[]}
 */
export function filtered(sources, want) {
  return sources.filter((s) =>
    (want.state === "" || s.state === want.state) &&
    (want.department === "" || s.department === want.department) &&
    matches(want.query, [s.name.fa, s.name.en, s.id, s.place]));
}

/** @param {Source[]} sources  @returns {Record<SourceState, number>} */
export function counted(sources) {
  /** @type {Record<SourceState, number>} */
  const n = { dead: 0, never: 0, stale: 0, idle: 0, fresh: 0 };
  for (const s of sources) n[s.state]++;
  return n;
}

/** A login as the server wants it.  @param {string} text  @returns {boolean} */
export const loginFits = (text) => /^[a-z0-9._-]{2,40}$/.test(text);

/** Letters that nobody takes for another: no l, I, 1, O, 0. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 5;
const GROUP = 4;

/**
 * A password that can be read out and typed: 20 letters and digits in groups of
 * four, 99 bits.
 * @param {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>} random fills the bytes at random
 */
export function newPassword(random) {
  /** @type {string[]} */
  const out = [];
  const fair = 256 - (256 % LETTERS.length); // beyond it some letters would come oftener
  while (out.length < GROUPS * GROUP) {
    for (const b of random(new Uint8Array(32))) {
      if (b < fair && out.length < GROUPS * GROUP) out.push(LETTERS[b % LETTERS.length]);
    }
  }
  return Array.from({ length: GROUPS }, (_, i) => out.slice(i * GROUP, (i + 1) * GROUP).join("")).join("-");
}

/** How full the disk is told to be.  @param {import("./operate-wire.js").Status["journal"]} j  @returns {import("../tile.js").Shown} */
export function space(j) {
  if (j.refuses || j.free_bytes <= j.floor_bytes) return "alert";
  if (j.days_left === null) return "ok";
  if (j.days_left < 2) return "alert";
  return j.days_left < 14 ? "watch" : "ok";
}

/** Marks that turn the direction of what follows. */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** @param {string} text  @returns {string} a name that stands in a sentence and cannot turn it around */
export const apart = (text) => `\u2068${text.replace(TURNS, "")}\u2069`;

/** @param {unknown} item  @returns {string} what was sent, on lines of their own; marks of direction are made visible */
export function pretty(item) {
  return JSON.stringify(item, null, 2).replace(TURNS, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

/** @param {number} now ms  @param {string} at  @returns {number} seconds that at is past, not negative */
export const age = (now, at) => Math.max(0, Math.floor((now - Date.parse(at)) / 1000));
