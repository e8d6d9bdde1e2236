// What the server sends to the pages for people, as types. Beside ../wire.js: times
// are RFC 3339, durations seconds, names always in both languages.

/** @typedef {import("../wire.js").Text} Text */
/** @typedef {{id: string, name: Text}} Named */
/** @typedef {{id: string, name: string|Text}} Who a person, or a source */
/** @typedef {{id: string, login: string, name: string, role: "viewer"|"department"|"media"|"operator"|"admin", departments: string[], lang: "fa"|"en"}} Person */
/** @typedef {{href: string, kind: "wall"|"dept"|"media"|"operate"|"people", name: Text, note: Text}} PageLink */

/**
 * @typedef {object} Session
 * @property {Person|null} person
 * @property {boolean} demo nobody signs in here
 * @property {string} csrf
 * @property {import("../wire.js").City} city
 * @property {import("../wire.js").Season|null} [season]
 * @property {PageLink[]} pages that the visitor may open
 * @property {string} now of the data clock
 * @property {number} speed of the data clock
 */

/** @typedef {{id: string, name: Text, number: number}} District */

/**
 * @typedef {object} Case as lists have it
 * @property {number} number
 * @property {"report"|"work"|"service"|"inspection"} kind
 * @property {Named} category
 * @property {string} source
 * @property {Text} source_name
 * @property {string} source_case its id there
 * @property {Named} department
 * @property {District|null} district
 * @property {Named|null} place
 * @property {number|null} value in unit
 * @property {string} unit
 * @property {"open"|"paused"|"closed"} state
 * @property {number} version
 * @property {string} opened_at
 * @property {string|null} acknowledged_at
 * @property {string|null} closed_at
 * @property {string|null} due_at null: no clock, or it stands
 * @property {number|null} left_seconds of running clock; negative when late; null: no clock
 * @property {boolean} late
 * @property {Who|null} owner
 * @property {number} notes
 * @property {number} evidence
 * @property {number} reopened
 */

/** @typedef {{from: string, to: string|null, by: Who|null, why: string}} Pause */
/** @typedef {{seconds: number, from_hour: number, to_hour: number, zone: "high"|"medium"|"low", season: Named|null, pauses: Pause[]}} CaseClock seconds 0: the case has no clock */
/** @typedef {{sha256: string, url: string, width: number, height: number}} Photo url "": its time is over, and it is deleted */
/** @typedef {{position: string, at: string, by: Who, do: string, state: string, to: Who|null, note: string, file: Photo|null, refused: string}} LogLine do "": an event of the source */
/** @typedef {Case & {clock: CaseClock, log: LogLine[], may_act: boolean}} CaseWhole */

/** @typedef {{group: import("../wire.js").Group, value: number|null, until: string}} Before what it showed yesterday by this hour */
/** @typedef {import("../wire.js").Indicator & {by: string[], yesterday: Before[]}} Owned an indicator that the department answers for */

/**
 * @typedef {object} PlanPart
 * @property {string} source
 * @property {District|null} district
 * @property {Named|null} place
 * @property {number|null} amount planned
 * @property {number|null} done
 * @property {string|null} last_at
 * @property {string|null} due_at
 * @property {number|null} overdue_seconds above 0: overdue
 */
/** @typedef {{id: string, name: Text, unit: string, unit_name: Text, kind: "amount"|"repetition", from: string|null, to: string|null, every_seconds: number, parts: PlanPart[], amount: number|null, done: number|null}} Plan */

/** @typedef {{open: number, overdue: number, unacknowledged: number, paused: number, closed_today: number, late_today: number, oldest_at: string|null}} Summary */

/**
 * @typedef {object} Department what its page shows beside the cases
 * @property {Named} department
 * @property {import("../wire.js").City} city
 * @property {import("../wire.js").Season|null} season
 * @property {string} now
 * @property {Summary} summary
 * @property {Owned[]} indicators
 * @property {import("../wire.js").Place[]} places
 * @property {District[]} districts
 * @property {Who[]} people who may answer for a case
 * @property {Plan[]} plans
 * @property {{number: number, from: string|null, taker: Who|null}} shift from null: the first one, which began with everything
 * @property {boolean} may_act
 */

/**
 * @typedef {object} Shift
 * @property {Named} department
 * @property {number} number
 * @property {string|null} from null of the first one
 * @property {string|null} to null while it runs
 * @property {Who|null} taker whose shift it is
 * @property {Who|null} by who handed it over at its end
 * @property {Who|null} next who took over then
 * @property {string} note what was left to the next
 * @property {number} open cases open at its end, or now
 * @property {number} overdue
 */
/** @typedef {Shift & {log: (LogLine & {case: number, what: Text})[], open_cases: Case[]}} ShiftWhole open_cases: of the one that runs */

export {};
