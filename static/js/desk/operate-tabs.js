// The tabs of the operators' page: each has its own fragment, the arrow keys go from
// one to the next, and only the chosen one is a stop of the tab key.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { next } from "./operate-model.js";

/** @typedef {import("./operate-model.js").Tab} Tab */

/**
 * @param {{label: string, list: {id: Tab, words: string, badge: unknown}[], current: Tab, dir: "rtl"|"ltr"}} t
 */
export const tablist = (t) => html`<div class="tabs" role="tablist" aria-label=${t.label} @keydown=${(/** @type {KeyboardEvent} */ e) => rove(e, t.dir)}>
  ${t.list.map((x) => html`<a role="tab" id=${`tab-${x.id}`} href=${`#${x.id}`} aria-selected=${x.id === t.current ? "true" : "false"}
    aria-controls=${x.id === t.current ? "panel" : nothing} tabindex=${x.id === t.current ? "0" : "-1"}>${x.words}${x.badge}</a>`)}
</div>`;

/** @param {KeyboardEvent} e  @param {"rtl"|"ltr"} dir */
function rove(e, dir) {
  const tabs = /** @type {HTMLElement[]} */ ([.../** @type {HTMLElement} */ (e.currentTarget).querySelectorAll('[role="tab"]')]);
  const to = next(e.key, tabs.indexOf(/** @type {HTMLElement} */ (e.target)), tabs.length, dir);
  if (to === null) return;
  e.preventDefault();
  tabs[to].focus();
  tabs[to].click();
}
