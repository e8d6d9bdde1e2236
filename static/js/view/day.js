// The panel around the chart of today; who draws it has seen to it that chart.js is there.

import { html } from "../../third_party/lit-3.3.3.js";
import { hasData } from "../today.js";

/** @param {import("../wall.js").View} v */
export function day(v) {
  const i = v.indicators.get(v.described?.screen.chart ?? "");
  const drawn = v.today && hasData(v.today);
  return html`<section class="panel day" data-box="chart">
    <header class="panel-head">
      <h2>${v.t.chart}</h2>
      <p>${i ? v.t.byHour(i.unit_name[v.lang]) : ""}</p>
      <ul class="keys">
        <li><i class="key-today"></i>${v.t.today}</li>
        <li><i class="key-running"></i>${v.t.running}</li>
        <li><i class="key-yesterday"></i>${v.t.yesterday}</li>
      </ul>
    </header>
    <div class="day-room">
      ${drawn
        ? html`<day-chart .words=${v.f} .today=${v.today}></day-chart>`
        : html`<p class="nothing">${v.today ? v.t.noChart : ""}</p>`}
    </div>
  </section>`;
}
