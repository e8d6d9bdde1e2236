// The small drawings of the pages for people, beside those of the wall.

import { html, svg } from "../../third_party/lit-3.3.3.js";

export { badge, heart, mark, shape } from "../view/shapes.js";

/** @type {Record<string, unknown>} in a box of 24 by 24, drawn with a line */
const ICONS = {
  person: svg`<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.9-4 3.8-6 7.5-6s6.6 2 7.5 6"/>`,
  home: svg`<path d="M4 11 12 4l8 7v9h-5.5v-6h-5v6H4Z"/>`,
  out: svg`<path d="M14 4H5v16h9M10 12h11m-4-4 4 4-4 4"/>`,
  key: svg`<circle cx="8" cy="15" r="4"/><path d="m11 12 8-8m-3 3 3 3m-6 0 2 2"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  forth: svg`<path d="m9 5 7 7-7 7"/>`,
  back: svg`<path d="m15 5-7 7 7 7"/>`,
  check: svg`<path d="m4.5 12.5 5 5 10-11"/>`,
  eye: svg`<path d="M2.5 12C5 7.5 8.3 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.8 6.5-9.5 6.5S5 16.5 2.5 12Z"/><circle cx="12" cy="12" r="3"/>`,
  hide: svg`<path d="M2.5 12C5 7.5 8.3 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.8 6.5-9.5 6.5S5 16.5 2.5 12ZM4 20 20 4"/>`,
  print: svg`<path d="M7 9V3.5h10V9M7 17H4V9h16v8h-3M7 14h10v6.5H7Z"/>`,
  photo: svg`<path d="M4 7h4l1.5-2.5h5L16 7h4v12.5H4Z"/><circle cx="12" cy="13" r="3.6"/>`,
  pause: svg`<path d="M9 6v12M15 6v12"/>`,
  go: svg`<path d="m8 5.5 10 6.5-10 6.5Z"/>`,
  note: svg`<path d="M5 4h14v11l-5 5H5ZM14 20v-5h5M8.5 9h7M8.5 12.5h4"/>`,
  turn: svg`<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3.5V8H15"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.2l3.4 2"/>`,
  place: svg`<path d="M12 21c-4.5-5-6.5-8.2-6.5-11a6.5 6.5 0 0 1 13 0c0 2.8-2 6-6.5 11Z"/><circle cx="12" cy="10" r="2.3"/>`,
  save: svg`<path d="M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 19.5h14"/>`,
  copy: svg`<path d="M9 8h11v12H9ZM15 8V4H4v12h5"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  search: svg`<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>`,
  list: svg`<path d="M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01"/>`,
  more: svg`<path d="M12 5v14m-5-5 5 5 5-5"/>`,
};

/** Those that point along the reading, and so turn with it. */
const TURNS = new Set(["forth", "back", "out"]);

/** @param {string} name  one of the drawings above, in the colour and size of the words beside it */
export const icon = (name) =>
  html`<svg class=${TURNS.has(name) ? "icon turns" : "icon"} viewBox="0 0 24 24" aria-hidden="true">${ICONS[name] ?? ""}</svg>`;
