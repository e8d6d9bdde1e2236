// What pages for people say beyond the wall's numbers: days without their year,
// stretches of time, differences.

import { Format } from "../format.js";
import { Calendar } from "../calendar.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

export class DeskFormat extends Format {
  calendar;
  #today = { from: 0, to: 0 }; // the local day of the newest question, ms
  #day;
  #full;
  #list;
  /** @type {Record<"day"|"hour"|"minute"|"second", () => Intl.NumberFormat>} */ #units;
  #sizes;
  #plain;
  #twos;

  /** @param {import("../wire.js").Lang} lang  @param {string} zone IANA name */
  constructor(lang, zone) {
    super(lang, zone);
    const plain = lang === "fa" ? "fa-IR" : "en-GB";
    const jalali = lang === "fa" ? "fa-IR-u-ca-persian-nu-arabext" : "en-GB-u-ca-persian-nu-latn";
    this.calendar = new Calendar(zone);
    this.#day = this.wanted(() => new Intl.DateTimeFormat(jalali, { day: "numeric", month: "long", timeZone: zone }));
    this.#full = this.wanted(() => new Intl.DateTimeFormat(jalali, { day: "numeric", month: "long", year: "numeric", timeZone: zone }));
    this.#list = this.wanted(() => new Intl.ListFormat(plain, { type: lang === "fa" ? "conjunction" : "unit", style: lang === "fa" ? "long" : "narrow" }));
    /** @param {string} unit */
    const of = (unit) => this.wanted(() => new Intl.NumberFormat(plain, { style: "unit", unit, unitDisplay: lang === "fa" ? "long" : "short", maximumFractionDigits: 0 }));
    this.#units = { day: of("day"), hour: of("hour"), minute: of("minute"), second: of("second") };
    this.#plain = this.wanted(() => new Intl.NumberFormat(plain, { useGrouping: false, maximumFractionDigits: 0 }));
    this.#twos = this.wanted(() => new Intl.NumberFormat(plain, { useGrouping: false, minimumIntegerDigits: 2 }));
    this.#sizes = [1, 0].map((digits) => this.wanted(() => new Intl.NumberFormat(plain, { maximumFractionDigits: digits })));
  }

  /** @param {number} value  @returns {string} a number by which something is called, "۱۰۴۲" */
  number(value) {
    return this.#plain().format(value);
  }

  /** @param {number} value  @returns {string} with two digits at least, "۰۸" */
  two(value) {
    return this.#twos().format(value);
  }

  /** @param {number} ms  @returns {string} "۴ فروردین" */
  dayOf(ms) {
    return parts(this.#day(), ms, ["day", "month"]);
  }

  /** @param {number} ms  @returns {string} "۴ فروردین ۱۴۰۶" */
  dateOf(ms) {
    return parts(this.#full(), ms, ["day", "month", "year"]);
  }

  /** @param {string} date YYYY-MM-DD, a local day  @returns {string} "۴ فروردین" */
  localDay(date) {
    return this.dayOf(Date.parse(`${date}T08:30:00Z`)); // noon in Iran: the same day in every zone near it
  }

  /**
   * A moment as people say it: only what today does not say already.
   * @param {number} ms  @param {number} now ms
   * @returns {string} "۱۸:۴۰", or "۳ فروردین، ۱۸:۴۰" on another day
   */
  at(ms, now) {
    if (now < this.#today.from || now >= this.#today.to) this.#today = { from: this.calendar.dayStart(now), to: this.calendar.nextDay(now) };
    if (ms >= this.#today.from && ms < this.#today.to) return this.time(ms);
    return this.dayTime(ms);
  }

  /** @param {number} ms  @returns {string} "۳ فروردین، ۱۸:۴۰" */
  dayTime(ms) {
    return `${this.dayOf(ms)}${COMMA[this.lang]}${this.time(ms)}`;
  }

  /** @param {number} ms  @returns {string} "۳ فروردین ۱۴۰۶، ۱۸:۴۰" */
  dateTime(ms) {
    return `${this.dateOf(ms)}${COMMA[this.lang]}${this.time(ms)}`;
  }

  /**
   * A stretch of time in its two largest units, rounded down.
   * @param {number} seconds  @returns {string} "۳ ساعت و ۲۰ دقیقه"; the sign is not said
   */
  span(seconds) {
    const s = Math.floor(Math.abs(seconds));
    const u = this.#units;
    if (s < MINUTE) return u.second().format(s);
    if (s < HOUR) return u.minute().format(Math.floor(s / MINUTE));
    if (s < 2 * DAY) return this.#two(u.hour().format(Math.floor(s / HOUR)), Math.floor((s % HOUR) / MINUTE), u.minute());
    return this.#two(u.day().format(Math.floor(s / DAY)), Math.floor((s % DAY) / HOUR), u.hour());
  }

  /** @param {number} seconds  @returns {string} a stretch in its largest unit, "۳ ساعت" */
  about(seconds) {
    const s = Math.floor(Math.abs(seconds));
    const u = this.#units;
    if (s < MINUTE) return u.second().format(s);
    if (s < HOUR) return u.minute().format(Math.floor(s / MINUTE));
    if (s < 2 * DAY) return u.hour().format(Math.floor(s / HOUR));
    return u.day().format(Math.floor(s / DAY));
  }

  /** @param {number} bytes  @returns {[string, "B"|"kB"|"MB"|"GB"|"TB"]} in the unit that keeps it short */
  size(bytes) {
    const units = /** @type {const} */ (["B", "kB", "MB", "GB", "TB"]);
    let i = 0;
    while (bytes >= 1000 && i < units.length - 1) {
      bytes /= 1000;
      i++;
    }
    return [this.#sizes[bytes < 10 && i > 0 ? 0 : 1]().format(bytes), units[i]];
  }

  /** @param {string} first  @param {number} count  @param {Intl.NumberFormat} unit */
  #two(first, count, unit) {
    return count === 0 ? first : this.#list().format([first, unit.format(count)]);
  }
}

const COMMA = { fa: "\u060c ", en: ", " };

/** @param {Intl.DateTimeFormat} format  @param {number} ms  @param {string[]} order */
function parts(format, ms, order) {
  /** @type {Record<string, string>} */
  const p = {};
  for (const { type, value } of format.formatToParts(ms)) p[type] = value;
  return order.map((k) => p[k]).join(" ");
}
