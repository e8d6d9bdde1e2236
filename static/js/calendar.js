// Local days of a zone, by the browser's own time zone data: the zone is the
// city's, never an offset.

import { once } from "./once.js";

const DAY_MS = 86_400_000;

/** @typedef {{date: string, hour: number, minute: number, second: number}} Local date as YYYY-MM-DD */

export class Calendar {
  #parts;

  /** @param {string} zone IANA name, such as "Asia/Tehran" */
  constructor(zone) {
    this.#parts = once(() => new Intl.DateTimeFormat("en-CA-u-ca-gregory-nu-latn", {
      timeZone: zone, hourCycle: "h23",
      year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    }));
  }

  /** @param {number} ms since 1970  @returns {Local} */
  local(ms) {
    /** @type {Record<string, string>} */
    const p = {};
    for (const { type, value } of this.#parts().formatToParts(ms)) p[type] = value;
    return { date: `${p.year}-${p.month}-${p.day}`, hour: Number(p.hour), minute: Number(p.minute), second: Number(p.second) };
  }

  /**
   * The first instant of the local day of ms, in ms. Days of 23 and 25 hours are
   * found too, because the guess is measured again.
   * @param {number} ms since 1970  @returns {number}
   */
  dayStart(ms) {
    const { date } = this.local(ms);
    let at = Math.floor(ms / 1000) * 1000;
    for (let i = 0; i < 4; i++) {
      const l = this.local(at);
      const into = (l.hour * 3600 + l.minute * 60 + l.second) * 1000;
      if (l.date < date) return at + DAY_MS - into; // went too far: midnight, or what stands in for it
      if (into === 0) return at;
      at -= into;
    }
    return at;
  }

  /** @param {number} ms  @returns {number} the first instant of the next local day, in ms */
  nextDay(ms) {
    return this.dayStart(this.dayStart(ms) + DAY_MS + DAY_MS / 2);
  }
}

/**
 * How many days lie from one local date to another.
 * @param {string} from YYYY-MM-DD  @param {string} to YYYY-MM-DD  @returns {number} negative when to is earlier
 */
export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/**
 * The place of a date in a season.
 * @param {import("./wire.js").Season|null} season  @param {string} date YYYY-MM-DD
 * @returns {{day: number, named: import("./wire.js").Text|null}|null} day 1 is the season's day_one,
 *   0 the day before it; null outside the season
 */
export function seasonDay(season, date) {
  if (!season || date < season.from || date > season.to) return null;
  const named = season.days.find((d) => d.date === date);
  return { day: daysBetween(season.day_one, date) + 1, named: named ? named.name : null };
}
