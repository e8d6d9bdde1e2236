// Which wording a wall speaks, and the shape that both must have.

import { en } from "./en.js";
import { fa } from "./fa.js";

/**
 * @typedef {object} Wording arguments are ready formatted, but for day, a whole number
 * @property {string} product
 * @property {string} tagline
 * @property {Record<import("../tile.js").Shown, string>} status
 * @property {Record<string, string>} over
 * @property {Record<string, string>} theme
 * @property {string} justNow
 * @property {string} neverHeard
 * @property {string} noneYet the sources speak, but of this time there is nothing yet
 * @property {(time: string) => string} silentSince
 * @property {(ago: string) => string} silentFor
 * @property {(reporting: string, expected: string) => string} coverage
 * @property {(percent: string) => string} target
 * @property {(target: string) => string} targetOf
 * @property {string} revised
 * @property {string} final
 * @property {string} crowding
 * @property {string} crowdingOf
 * @property {(count: string, unit: string) => string} present
 * @property {(count: string, capacity: string) => string} presentOf
 * @property {string} noCapacity
 * @property {(count: string, below: string) => string} rest below empty: cannot be said
 * @property {(count: string) => string} restSilent
 * @property {string} noPlaces
 * @property {string} today
 * @property {string} running
 * @property {string} yesterday
 * @property {string} chart
 * @property {(unit: string) => string} byHour
 * @property {string} noChart
 * @property {(day: number, number: string, season: string) => string} seasonDay
 * @property {(days: string, season: string) => string} beforeSeason
 * @property {string} live
 * @property {string} polling
 * @property {string} reconnecting
 * @property {string} connecting
 * @property {string} lost
 * @property {(ago: string) => string} lostAge
 * @property {string} lostHint
 * @property {(factor: string) => string} speed
 * @property {string} unknownScreen
 * @property {string} legend
 * @property {string} version
 */

/** @param {string} lang  @returns {Wording} English for any language but Persian */
export function wording(lang) {
  return lang === "fa" ? fa : en;
}
