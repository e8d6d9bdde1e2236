// What the server sends to the operators' page, as types.

/** @typedef {import("../wire.js").Text} Text */
/** @typedef {"fresh"|"stale"|"dead"|"never"|"idle"} SourceState */
/** @typedef {{id: string, name: string}} Named a person; or the console, or a token */

/**
 * @typedef {object} Source
 * @property {string} id
 * @property {Text} name
 * @property {string|null} place where it counts: a place or a district
 * @property {string|null} department
 * @property {string} kind interval, cumulative, snapshot, event
 * @property {string} unit
 * @property {SourceState} state
 * @property {number|null} cadence_seconds null or 0: it speaks when something happens
 * @property {string|null} last_at the newest moment it spoke of; null: never
 * @property {number|null} lag_seconds how long its newest reading was on its way
 * @property {number} received_today
 * @property {number} quarantined_waiting
 */

/**
 * @typedef {object} Held an entry of the quarantine
 * @property {string} position
 * @property {string} at
 * @property {string} source as sent
 * @property {string} reason
 * @property {Text} reason_words
 * @property {string} detail
 * @property {string} by token or collector
 * @property {string} id the sender's own name for it
 * @property {unknown} item what was sent
 * @property {string} against position of what it conflicts with; "" where there is none
 * @property {boolean} releasable
 * @property {""|"released"|"discarded"} ruled
 * @property {Named|null} ruled_by
 * @property {string} why
 * @property {string|null} ruled_at
 */

/** @typedef {{name: string, applied: number, lag_batches: number, words: Text}} Follower */

/**
 * @typedef {object} Status
 * @property {string} version
 * @property {string} epoch
 * @property {{head: string, at: string|null, segments: number, bytes: number, free_bytes: number, total_bytes: number, floor_bytes: number, bytes_today: number, days_left: number|null, days_left_why: Text, refuses: boolean}} journal
 * @property {Follower[]} followers
 * @property {number} sockets
 * @property {boolean} ready
 * @property {string[]} reasons
 * @property {string[]} notes
 */

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {string} login
 * @property {string} name
 * @property {Role} role
 * @property {string[]} departments
 * @property {string} lang
 * @property {number} version
 * @property {string} added_at
 * @property {string|null} ended_at
 * @property {string|null} last_seen_at
 * @property {number} sessions open ones
 */

/** @typedef {"viewer"|"department"|"media"|"operator"|"admin"} Role */
/** @typedef {"source"|"display"|"media"} TokenClass */

/**
 * @typedef {object} Token
 * @property {string} id
 * @property {string} name
 * @property {TokenClass} class
 * @property {string[]} opens
 * @property {boolean} strict
 * @property {boolean} backfill
 * @property {string|null} expires_at
 * @property {string|null} last_used_at
 * @property {string} by
 */

/**
 * @typedef {object} Line one line of the audit
 * @property {string} position
 * @property {string} at
 * @property {string} at_jalali
 * @property {string} kind
 * @property {string} do "" for what no person did
 * @property {string} on
 * @property {Named|null} by
 * @property {string} from
 * @property {string} to
 * @property {string} note
 * @property {string} refused
 */

export {};
