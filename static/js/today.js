// The chart's data: today's hours and, behind them, yesterday's.

/** @typedef {import("./wire.js").Series} Series */
/**
 * @typedef {object} Today hours as the chart draws them; x in seconds since 1970, at the middle of each hour
 * @property {number} from first second of the local day
 * @property {number} to first second of the next
 * @property {number[]} x
 * @property {(number|null)[]} done closed hours of today
 * @property {(number|null)[]} running the hour that is running
 * @property {(number|null)[]} before the same hours of yesterday
 */

/** No more points of a day than this are kept, whatever the server sends. */
const MOST = 25;

/**
 * @param {Series|null} today  @param {Series|null} yesterday
 * @param {{from: number, to: number, before: number}} day starts of today, tomorrow and yesterday, in ms
 * @param {number} now data time in ms
 * @returns {Today}
 */
export function shape(today, yesterday, day, now) {
  const step = 3600;
  const from = day.from / 1000;
  const to = day.to / 1000;
  const a = byHour(today, from);
  const b = byHour(yesterday, day.before / 1000);
  /** @type {Today} */
  const out = { from, to, x: [], done: [], running: [], before: [] };
  for (let i = 0; from + i * step < to && i < MOST; i++) {
    const start = from + i * step;
    const open = (start + step) * 1000 > now;
    const value = a.get(i) ?? null;
    out.x.push(start + step / 2);
    out.done.push(open ? null : value);
    out.running.push(open ? value : null);
    out.before.push(b.get(i) ?? null);
  }
  return out;
}

/** @param {Today} t  @returns {boolean} whether there is anything to draw */
export function hasData(t) {
  return [t.done, t.running, t.before].some((s) => s.some((v) => v !== null));
}

/**
 * @param {Series|null} series  @param {number} from seconds since 1970
 * @returns {Map<number, number|null>} by hour of the day, of the whole city
 */
function byHour(series, from) {
  const group = series?.groups.find((g) => Object.keys(g.group).length === 0) ?? series?.groups[0];
  const hours = new Map();
  for (const { at, value } of group?.points ?? []) {
    const hour = Math.floor((Date.parse(at) / 1000 - from) / 3600);
    if (hour >= 0 && hour < MOST) hours.set(hour, value);
  }
  return hours;
}

/** Real time between two readings of the chart, at least, in ms. */
const APART_MS = 10_000;
/** Data time between two readings of the chart, in ms. */
const EVERY_MS = 60_000;

/** Says when the chart is to be read again. */
export class Pace {
  #real = -Infinity;
  #data = -Infinity;

  /** Forgets the last reading: the next question is answered yes as soon as the bound allows. */
  hurry() {
    this.#data = -Infinity;
  }

  /**
   * @param {number} real monotonic ms  @param {number} data data time in ms
   * @returns {boolean} whether to read now; a yes counts as a reading
   */
  due(real, data) {
    if (real - this.#real < APART_MS || Math.abs(data - this.#data) < EVERY_MS) return false;
    this.#real = real;
    this.#data = data;
    return true;
  }
}
