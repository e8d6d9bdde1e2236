// Numbers, times and dates as people read them. Every Intl object is built once, when
// it is first wanted: making them is the costly part, and a wall formats for weeks.

import { once } from "./once.js";

const MARK = "\u061c"; // Arabic letter mark: keeps the percent sign on the left of Persian digits
const ISOLATE = "\u2066"; // left-to-right isolate: keeps the minus sign with its number
const POP = "\u2069";

/** Digits after the point that a unit is shown with, below a thousand. @type {Record<string, number>} */
const DECIMALS = { percent: 1, m2: 1, minute: 1 };

export class Format {
  lang;
  zone;
  /** @type {(() => unknown)[]} what has not been made yet, or was */ #later = [];
  #fa;
  /** by number of decimals */ #numbers;
  #percent;
  #hourMinute;
  #second;
  #day;
  #gregorian;
  #relative;

  /** @param {import("./wire.js").Lang} lang  @param {string} zone IANA name of the city's zone */
  constructor(lang, zone) {
    this.lang = lang;
    this.zone = zone;
    this.#fa = lang === "fa";
    const plain = this.#fa ? "fa-IR" : "en-GB";
    const jalali = this.#fa ? "fa-IR-u-ca-persian-nu-arabext" : "en-GB-u-ca-persian-nu-latn";
    const western = this.#fa ? "fa-IR-u-ca-gregory-nu-arabext" : "en-GB-u-ca-gregory-nu-latn";
    this.#numbers = [0, 1].map((digits) => this.wanted(() => new Intl.NumberFormat(plain, { maximumFractionDigits: digits })));
    this.#percent = this.wanted(() => new Intl.NumberFormat(plain, { style: "percent", maximumFractionDigits: 1 }));
    this.#hourMinute = this.wanted(() => new Intl.DateTimeFormat(plain, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }));
    this.#second = this.wanted(() => new Intl.NumberFormat(plain, { minimumIntegerDigits: 2 }));
    this.#day = this.wanted(() => new Intl.DateTimeFormat(jalali, { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: zone }));
    this.#gregorian = this.wanted(() => new Intl.DateTimeFormat(western, { day: "numeric", month: "long", year: "numeric", timeZone: zone }));
    this.#relative = this.wanted(() => new Intl.RelativeTimeFormat(plain, { numeric: "always", style: this.#fa ? "long" : "short" }));
  }

  /**
   * Makes something when it is first wanted, or when warm comes to it.
   * @template T  @param {() => T} make  @returns {() => T}
   */
  wanted(make) {
    const it = once(make);
    this.#later.push(it);
    return it;
  }

  /** Makes everything, one thing a task, while a page waits for its numbers. */
  warm() {
    setTimeout(() => {
      const make = this.#later.shift();
      if (!make) return;
      make();
      this.warm();
    });
  }

  /**
   * A value in its unit, without the unit's name; a percentage carries its sign.
   * @param {number} value  @param {string} unit  @returns {string} "۱۲٬۸۴۰", "۸۷٫۳٪"
   */
  value(value, unit) {
    if (unit === "percent") return this.percent(value);
    const digits = Math.abs(value) < 1000 ? (DECIMALS[unit] ?? 0) : 0;
    return this.#isolated(this.#numbers[digits]().format(value), value);
  }

  /** @param {number} value whole number  @returns {string} "۱٬۰۲۴" */
  count(value) {
    return this.#isolated(this.#numbers[0]().format(value), value);
  }

  /** @param {number} value 87.3 means 87.3 %  @returns {string} "۸۷٫۳٪" */
  percent(value) {
    const text = this.#percent().format(value / 100);
    if (value < 0) return this.#isolated(text, value);
    return this.#fa ? MARK + text : text;
  }

  /** @param {number} ms since 1970  @returns {string} "۱۸:۴۲" in the city's zone */
  time(ms) {
    return this.#hourMinute().format(ms);
  }

  /** @param {number} ms since 1970  @returns {string} "۰۷", the second of the minute, the same in every zone of today */
  second(ms) {
    return this.#second().format(Math.floor(ms / 1000) % 60);
  }

  /**
   * The Solar Hijri date. Composed from its parts, because the ready-made long
   * form puts the year first in Persian.
   * @param {number} ms since 1970  @returns {{weekday: string, date: string}} "یکشنبه", "۱ فروردین ۱۴۰۶"
   */
  date(ms) {
    /** @type {Record<string, string>} */
    const p = {};
    for (const { type, value } of this.#day().formatToParts(ms)) p[type] = value;
    return { weekday: p.weekday, date: `${p.day} ${p.month} ${p.year}` };
  }

  /** @param {number} ms since 1970  @returns {string} "۲۱ مارس ۲۰۲۷" */
  gregorian(ms) {
    return this.#gregorian().format(ms);
  }

  /**
   * An age in words, in the largest unit that is whole.
   * @param {number} seconds not negative  @returns {string} "۳ دقیقه پیش"
   */
  ago(seconds) {
    const [count, unit] = largest(seconds);
    return this.#relative().format(-count, unit);
  }

  /** @param {string} text  @param {number} value */
  #isolated(text, value) {
    return value < 0 ? ISOLATE + text + POP : text;
  }
}

/**
 * @param {number} seconds  @returns {[number, "second"|"minute"|"hour"|"day"]} whole units, rounded down
 */
export function largest(seconds) {
  if (seconds < 60) return [Math.floor(seconds), "second"];
  if (seconds < 3600) return [Math.floor(seconds / 60), "minute"];
  if (seconds < 2 * 86_400) return [Math.floor(seconds / 3600), "hour"];
  return [Math.floor(seconds / 86_400), "day"];
}

/**
 * How wide a formatted number is in em of tabular Vazirmatn, a little generously,
 * so that a number can be sized to its box before it is drawn.
 * @param {string} text  @returns {number} em
 */
export function emWidth(text) {
  let em = 0.12;
  for (const c of text) {
    if (c === MARK || c === ISOLATE || c === POP || c === "\u200e") continue;
    if (c === "\u066c" || c === "," || c === "\u066b" || c === ".") em += 0.32;
    else if (c === "%" || c === "\u066a") em += 0.86;
    else em += 0.67;
  }
  return Math.round(em * 100) / 100;
}
