// What the server sends, as types. Keys and meanings are the server's; times are
// RFC 3339 with offset, values are in units of `unit`, durations in seconds.

/** @typedef {{fa: string, en: string}} Text */
/** @typedef {"fa"|"en"} Lang */
/** @typedef {"ok"|"watch"|"alert"|"none"} Status */
/** @typedef {{place?: string, district?: string, department?: string}} Group empty for the whole city */
/** @typedef {{reporting: number, expected: number}} Coverage sources that report, of those expected */

/**
 * @typedef {object} Tile
 * @property {string} id
 * @property {string} indicator
 * @property {Group} group
 * @property {number|null} value null when nothing is known
 * @property {string} unit
 * @property {Status} status
 * @property {string|null} at when the newest reading in it was true, by its source
 * @property {number} ttl_seconds 0: never goes stale
 * @property {Coverage|null} coverage
 * @property {boolean} provisional
 * @property {number} revision
 * @property {boolean} [revised] changed by late data
 */

/** @typedef {{id: string, name: Text, lang: Lang, numbers: string[], crowding: string, chart: string}} Screen */
/** @typedef {{id: string, name: Text, zone: string}} City */
/** @typedef {{date: string, name: Text}} NamedDay */
/** @typedef {{id: string, name: Text, from: string, to: string, day_one: string, days: NamedDay[]}} Season local dates */
/** @typedef {{id: string, name: Text, kind: string, district?: string, capacity: number}} Place capacity 0: not declared */

/**
 * @typedef {object} Indicator
 * @property {string} id
 * @property {Text} name
 * @property {Text} definition
 * @property {string} theme
 * @property {string} unit
 * @property {Text} unit_name
 * @property {number} steps_per_one steps in a value of 1
 * @property {string} over
 * @property {number|null} target
 * @property {Text} owner_name
 * @property {Text} body
 */

/**
 * @typedef {object} Described what a screen shows, from /api/v1/screens/{screen}
 * @property {Screen} screen
 * @property {City} city
 * @property {Season|null} season
 * @property {Indicator[]} indicators
 * @property {Place[]} places
 */

/** @typedef {{type: "hello", version: string, epoch: string, now: string, speed: number}} Hello */
/** @typedef {{type?: "snapshot", view: string, epoch: string, rev: number, now: string, version: string, tiles: Tile[]}} Snapshot */
/** @typedef {{type: "patch", rev: number, since: number, now: string, tiles: Tile[]}} Patch */
/** @typedef {{type: "ping", now: string}} Ping */
/** @typedef {{type: "cases", rev: number, now?: undefined}} Cases the cases of the department that is looked at have changed */
/** @typedef {Hello|Snapshot|Patch|Ping|Cases} Frame */

/** @typedef {{at: string, value: number|null}} Point */
/** @typedef {{indicator: string, unit: string, from: string, to: string, step_seconds: number, groups: {group: Group, points: Point[]}[]}} Series */

export {};
