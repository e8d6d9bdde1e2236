// The head of the wall: whose city, which day, what time.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { seasonDay } from "../calendar.js";
import { lost } from "./line.js";
import { mark } from "./shapes.js";

/** @param {import("../wall.js").View} v */
export function head(v) {
  const d = v.described;
  const place = d ? `${d.city.name[v.lang]} · ${d.screen.name[v.lang]}` : v.t.tagline;
  return html`<header class="head" data-box="head" data-line=${v.line}>
    ${v.line === "lost"
      ? lost(v)
      : html`<div class="brand" data-box="brand">
          ${mark()}
          <div><h1 class="product">${v.t.product}</h1><p class="city">${place}</p></div>
        </div>
        ${feast(v)}`}
    ${when(v)}
  </header>
  <div class="frieze" aria-hidden="true"></div>`;
}

/** The day of the season, in the wall's one golden cartouche.  @param {import("../wall.js").View} v */
function feast(v) {
  const season = v.described?.season ?? null;
  const at = v.clock.known && v.calendar ? seasonDay(season, v.calendar.local(v.now).date) : null;
  if (!season || !at) return html`<div class="feast-room"></div>`;
  const name = season.name[v.lang];
  const line = at.day > 0 ? v.t.seasonDay(at.day, v.f.count(at.day), name) : v.t.beforeSeason(v.f.count(1 - at.day), name);
  return html`<div class="feast-room"><div class="feast" data-box="feast">
    <p class="feast-day">${line}</p>
    ${at.named ? html`<p class="feast-name">${at.named[v.lang]}</p>` : nothing}
  </div></div>`;
}

/** The seconds; of a clock that runs many times as fast they would only flicker.  @param {import("../wall.js").View} v */
const seconds = (v) => (v.clock.speed > 1 ? nothing : html`<span class="seconds">${v.f.second(v.now)}</span>`);

/** @param {import("../wall.js").View} v */
function when(v) {
  if (!v.clock.known || !v.calendar) return html`<div class="when"></div>`;
  const { weekday, date } = v.f.date(v.now);
  return html`<div class="when">
    ${v.line === "lost"
      ? nothing
      : html`<div class="date" data-box="date">
          <p class="weekday">${weekday}</p>
          <p class="jalali">${date}</p>
          <p class="gregorian">${v.f.gregorian(v.now)}</p>
        </div>`}
    <time class="clock" data-box="clock" dir="ltr">${v.f.time(v.now)}${seconds(v)}</time>
  </div>`;
}
