// The wall's small drawings. Each status has a shape of its own, so that nobody
// needs to tell colours apart.

import { html, svg } from "../../third_party/lit-3.3.3.js";

const ring = svg`<circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3.1 2.08"/>`;

/** @type {Record<import("../tile.js").Shown, unknown>} in a box of 16 by 16 */
const SHAPES = {
  ok: svg`<circle cx="8" cy="8" r="6.6"/>`,
  watch: svg`<path d="M8 1.2 15.4 14.4H.6Z"/>`,
  alert: svg`<path d="M1.6 1.6h12.8v12.8H1.6Z"/>`,
  stale: svg`${ring}<path d="M8 4.6v3.8l2.4 1.6" fill="none" stroke="currentColor" stroke-width="1.7"/>`,
  dead: svg`${ring}<path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" fill="none" stroke="currentColor" stroke-width="1.7"/>`,
  none: ring,
};

/** @param {import("../tile.js").Shown} shown */
export const shape = (shown) =>
  html`<svg class="shape" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">${SHAPES[shown]}</svg>`;

const STAR = "M23.6 12 20.2 15.4V20.2H15.4L12 23.6 8.6 20.2H3.8V15.4L.4 12 3.8 8.6V3.8H8.6L12 .4 15.4 3.8H20.2V8.6Z";

/** @type {Record<string, unknown>} one drawing a theme, in the middle of a star of 24 by 24 */
const THEMES = {
  // two arches of a bridge
  visitors: svg`<path d="M6.8 16v-3.6C6.8 9.8 8.4 9 9.4 8.2c1 .8 2.6 1.6 2.6 4.2V16m0-3.6c0-2.6 1.6-3.4 2.6-4.2 1 .8 2.6 1.6 2.6 4.2V16M6 16.2h12"/>`,
  // two sparks
  cleanliness: svg`<path d="M10.6 7.4c.4 2.6 1.2 3.6 3.6 4.2-2.4.6-3.2 1.6-3.6 4.2-.4-2.6-1.2-3.6-3.6-4.2 2.4-.6 3.2-1.6 3.6-4.2Zm5 6.2c.2 1.2.6 1.7 1.7 2-1.1.3-1.5.8-1.7 2-.2-1.2-.6-1.7-1.7-2 1.1-.3 1.5-.8 1.7-2Z"/>`,
  // a tulip
  landscaping: svg`<path d="M12 17.4v-4.2m0 0c-2.3 0-3.4-1.5-3.2-5 .9.3 1.5.8 1.9 1.6.3-1.1.7-2 1.3-2.8.6.8 1 1.7 1.3 2.8.4-.8 1-1.3 1.9-1.6.2 3.5-.9 5-3.2 5Zm0 3.4c-1.5 0-2.6-.6-3.2-1.9m3.2 1.9c1.5 0 2.6-.6 3.2-1.9"/>`,
  // a sheet that is ticked off
  services: svg`<path d="M8.2 7h7.6v10.2H8.2ZM10 12.3l1.5 1.6 2.7-3.5"/>`,
};

/** @param {string} theme  a star with the theme's drawing in it */
export const badge = (theme) => html`<svg class="badge" viewBox="0 0 24 24" aria-hidden="true">
  <path class="star" d=${STAR} />
  <g fill="none" stroke="currentColor" stroke-width="1.15" stroke-linecap="round" stroke-linejoin="round">${THEMES[theme] ?? ""}</g>
</svg>`;

/** The mark of Rasad. */
export const mark = () => html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
  <path class="mark-star" d=${STAR} />
  <path class="mark-eye" d="M12 6.2c3.3 1.1 5.6 3.3 6.8 5.8-1.2 2.5-3.5 4.7-6.8 5.8-3.3-1.1-5.6-3.3-6.8-5.8C6.4 9.5 8.7 7.3 12 6.2Z" />
  <circle class="mark-light" cx="12" cy="12" r="2.7" />
</svg>`;

/** The heart of the footer: one turn a beat. */
export const heart = () => html`<svg class="heart" viewBox="0 0 24 24" aria-hidden="true"><path d=${STAR} /></svg>`;
