// What people choose cases with.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { everything, narrows } from "./filter.js";
import { select } from "./parts.js";
import { icon, shape } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./filter.js").Filter} Filter */

const KINDS = /** @type {const} */ (["report", "work", "service", "inspection"]);

/**
 * @param {Page} p  @param {Filter} f  @param {import("./wire.js").District[]} districts
 * @param {(f: Filter) => void} change
 * @param {{open: boolean}} lists whether a phone shows the lists to choose from
 */
export function filterBar(p, f, districts, change, lists) {
  const press = (/** @type {"late"|"unassigned"} */ key, /** @type {string} */ words) =>
    html`<button type="button" class="button" aria-pressed=${f[key] ? "true" : "false"} @click=${() => change({ ...f, [key]: !f[key] })}>
      ${key === "late" ? html`<span data-shown="alert" class="filter-shape">${shape("alert")}</span>` : nothing}${words}</button>`;
  const toggle = () => {
    lists.open = !lists.open;
    p.draw();
  };
  return html`<div class="filter no-print" role="group" aria-label=${p.t.dept.filter}>
    ${press("late", p.t.dept.lateOnly)} ${press("unassigned", p.t.dept.unassigned)}
    <button type="button" class="button filter-toggle" aria-expanded=${lists.open ? "true" : "false"} aria-controls="filter-lists" @click=${toggle}>${icon("more")}${p.t.dept.others}</button>
    <div class="filter-lists" id="filter-lists" data-open=${lists.open ? "yes" : "no"}>
      ${select({ id: "filter-state", label: p.t.dept.state, silent: true, value: f.state, pick: (v) => change({ ...f, state: v === "closed" ? "closed" : "open" }),
        options: [["open", p.t.dept.stateOpen], ["closed", p.t.dept.stateClosed]] })}
      ${select({ id: "filter-district", label: p.t.case.district, silent: true, value: f.district, pick: (v) => change({ ...f, district: v }),
        options: [["", p.t.dept.anyDistrict], ...districts.map((d) => /** @type {[string, string]} */ ([d.id, d.name[p.lang]]))] })}
      ${select({ id: "filter-kind", label: p.t.dept.kind, silent: true, value: f.kind, pick: (v) => change({ ...f, kind: v }),
        options: [["", p.t.dept.anyKind], ...KINDS.map((k) => /** @type {[string, string]} */ ([k, p.t.kinds[k]]))] })}
    </div>
    ${narrows(f) ? html`<button type="button" class="button" data-kind="plain" @click=${() => change(everything())}>${p.t.dept.clear}</button>` : nothing}
  </div>`;
}
