// The state of the line to the server: quiet while it holds, not to be missed when
// it is lost.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { heart, shape } from "./shapes.js";

/** @typedef {import("../wall.js").View} View */

/** @type {import("../tile.js").Shown[]} */
const LEGEND = ["ok", "watch", "alert", "stale", "dead"];

/** The words that stand in the head while nothing new can be seen here.  @param {View} v */
export function lost(v) {
  return html`<div class="lost" data-box="lost" role="alert">
    <p class="lost-words">${shape("alert")}<span>${v.t.lost}</span></p>
    <div class="lost-said">
      <p class="lost-age">${v.t.lostAge(v.f.ago(v.silence))}</p>
      <p class="lost-hint">${v.t.lostHint}</p>
    </div>
  </div>`;
}

/** @param {View} v */
export function foot(v) {
  const words = { live: v.t.live, polling: v.t.polling, connecting: v.t.connecting, reconnecting: v.t.reconnecting, lost: v.t.lost }[v.line];
  return html`<footer class="foot" data-box="foot">
    <p class="line" role="status" data-beat=${v.beat % 2}>${heart()}<span>${words}</span></p>
    ${v.clock.speed > 1 ? html`<p class="speed">${v.t.speed(v.f.count(v.clock.speed))}</p>` : nothing}
    <ul class="legend" aria-label=${v.t.legend}>
      ${LEGEND.map((s) => html`<li data-shown=${s}>${shape(s)}<span>${v.t.status[s]}</span></li>`)}
    </ul>
    <p class="version"><bdi dir="ltr">${v.version.slice(0, 24)}</bdi></p>
  </footer>`;
}
