// What the server sends of figures, as types.

/** @typedef {import("../wire.js").Text} Text */

/**
 * @typedef {object} Card one figure with all that belongs to it
 * @property {string} id lasting, such as "visits-today.naqsh-e-jahan"; "visits-today" for the whole city
 * @property {string} indicator
 * @property {Text} name of the indicator
 * @property {{by: string, id: string, name: Text}} group what it is about
 * @property {Text} definition
 * @property {number|null} value null: nothing is known
 * @property {string} unit
 * @property {Text} unit_name
 * @property {Text} body who answers for it
 * @property {{name: Text, from: string|null, to: string|null}} period null: no season is running
 * @property {string|null} as_of time of the newest reading in it; null where there is none
 * @property {string|null} known_at what had been received by then is in it
 * @property {import("../wire.js").Coverage|null} coverage
 * @property {"provisional"|"final"|"none"} status
 * @property {boolean} revised changed by late data
 * @property {number} version
 * @property {Text} sentence ready to publish
 */

/** @typedef {{figures: Card[], as_of: string|null, rev: number}} Figures */

export {};
