// <day-chart>: today's hours as bars, yesterday's as a quiet dashed line. Time runs
// from left to right in both languages; in Persian the scale stands on the right.

import uPlot from "../../third_party/uplot-1.6.32.js";

/** @typedef {import("../today.js").Today} Today */
/** @typedef {{time: (ms: number) => string, count: (value: number) => string}} Words */

const FONT = "Vazirmatn";

export class DayChart extends HTMLElement {
  /** @type {uPlot|null} */ #plot = null;
  /** @type {ResizeObserver|null} */ #watch = null;
  /** @type {Today|null} */ #today = null;
  /** @type {Words|null} */ #words = null;
  #made = "";

  /** @param {Today|null} today */
  set today(today) {
    this.#today = today;
    this.#draw();
  }

  /** @param {Words} words how times and values are written */
  set words(words) {
    this.#words = words;
    this.#draw();
  }

  connectedCallback() {
    this.#watch = new ResizeObserver(() => this.#draw());
    this.#watch.observe(this);
    // A canvas does not wait for its font.
    void document.fonts.load(`600 16px ${FONT}`, "\u06f1\u06f2").then(() => this.#again());
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
    this.#watch = null;
    this.#end();
  }

  #end() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#made = "";
  }

  #again() {
    this.#end();
    this.#draw();
  }

  #draw() {
    const today = this.#today;
    const width = this.clientWidth;
    const height = this.clientHeight;
    if (!today || !this.#words || !this.isConnected || width < 40 || height < 40) return;
    const px = parseFloat(getComputedStyle(this).fontSize);
    const made = `${width}x${height}x${px}x${today.from}`;
    if (!this.#plot || made !== this.#made) {
      this.#end();
      this.#plot = new uPlot(this.#options(today, width, height, px), data(today), this);
      this.#made = made;
      return;
    }
    this.#plot.setData(data(today));
  }

  /** @param {Today} today  @param {number} width px  @param {number} height px  @param {number} px size of the text  @returns {uPlot.Options} */
  #options(today, width, height, px) {
    const style = getComputedStyle(this);
    const ink = style.getPropertyValue("--dim").trim();
    const line = style.getPropertyValue("--hair").trim();
    const bright = style.getPropertyValue("--firuzeh").trim();
    const quiet = style.getPropertyValue("--yesterday").trim();
    const font = `500 ${px}px ${FONT}, sans-serif`;
    const words = /** @type {Words} */ (this.#words);
    const rtl = document.documentElement.dir === "rtl";
    const paths = /** @type {Required<uPlot.Series.PathBuilderFactories>} */ (uPlot.paths);
    const bars = paths.bars({ size: [0.68], radius: 0.28 });
    const grid = { stroke: line, width: Math.max(1, px / 20) };
    return {
      width, height, legend: { show: false }, cursor: { show: false }, padding: [px * 0.6, px * 1.6, 0, px * 1.6],
      scales: { x: { time: true, range: [today.from, today.to] }, y: { range: (_u, _min, max) => [0, ceiling(max || 0)] } },
      axes: [
        { stroke: ink, font, size: px * 2, gap: px * 0.35, grid: { show: false }, ticks: { show: false }, splits: () => hours(today, width / px),
          values: (_u, at) => at.map((s) => words.time(s * 1000)) },
        { stroke: ink, font, side: rtl ? 1 : 3, gap: px * 0.5, size: (_u, values) => room(values, px), grid, ticks: { show: false },
          splits: (_u, _axis, _min, max) => steps(max), values: (_u, at) => at.map((n) => words.count(n)) },
      ],
      series: [
        {},
        { paths: bars, points: { show: false }, width: 0, fill: (u) => fade(u, bright, 0.95, 0.4) },
        { paths: bars, points: { show: false }, width: Math.max(1, px / 12), stroke: bright, dash: [px / 4, px / 5], fill: (u) => fade(u, bright, 0.35, 0.12) },
        { paths: paths.spline(), points: { show: false }, stroke: quiet, width: Math.max(1.5, px / 9), dash: [px / 2.4, px / 2.8] },
      ],
    };
  }
}

/** @param {number} max  @returns {number} the distance of the scale's lines: 1, 2 or 5 of some power of ten, four lines at most */
function distance(max) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, max / 4)));
  return [1, 2, 5, 10].map((n) => n * power).find((d) => d * 4 >= max) ?? power * 10;
}

/** @param {number} max  @returns {number} where the scale ends: at its topmost line */
function ceiling(max) {
  const d = distance(Math.max(4, max));
  return Math.ceil(Math.max(4, max) / d) * d;
}

/** @param {number} top  @returns {number[]} the lines of a scale that ends at top */
function steps(top) {
  const d = distance(top);
  return Array.from({ length: Math.round(top / d) + 1 }, (_, i) => i * d);
}

/** @param {Today} t  @returns {uPlot.AlignedData} */
const data = (t) => [t.x, t.done, t.running, t.before];

/** @param {Today} t  @param {number} ems width of the chart  @returns {number[]} where the hours are written */
function hours(t, ems) {
  const every = (ems > 34 ? 3 : 6) * 3600;
  const at = [];
  for (let s = t.from; s < t.to; s += every) at.push(s);
  return at;
}

/** @param {string[]|null} values  @param {number} px  @returns {number} px that the scale's widest number needs */
function room(values, px) {
  const longest = Math.max(2, ...(values ?? []).map((v) => v.length));
  return px * (0.62 * longest + 0.9);
}

/** @param {uPlot} u  @param {string} colour #rrggbb  @param {number} top opacity  @param {number} foot opacity */
function fade(u, colour, top, foot) {
  const hex = (/** @type {number} */ o) => Math.round(o * 255).toString(16).padStart(2, "0");
  const { top: y, height } = u.bbox;
  // uPlot asks once before it knows its box.
  if (!Number.isFinite(y) || !(height > 0)) return colour;
  const g = u.ctx.createLinearGradient(0, y, 0, y + height);
  g.addColorStop(0, colour + hex(top));
  g.addColorStop(1, colour + hex(foot));
  return g;
}

customElements.define("day-chart", DayChart);
