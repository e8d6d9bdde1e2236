// <desk-sheet>: the one dialog of a page. The browser's own dialog keeps the focus
// inside, closes by Escape and gives the focus back.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { icon } from "./shapes.js";

/**
 * @typedef {object} Sheet
 * @property {unknown} title
 * @property {unknown} body
 * @property {boolean} [wide]
 * @property {boolean} [form] something in the body has the autofocus; else the title has the focus
 * @property {() => void} [close] told once it is closed
 */

class DeskSheet extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("dialog");
    if (box && !box.open) box.showModal();
  }

  /** Closes it; the browser gives the focus back and tells. */
  close() {
    this.querySelector("dialog")?.close();
  }
}

customElements.define("desk-sheet", DeskSheet);

/** Closes the dialog that is open. */
export function closeSheet() {
  /** @type {DeskSheet|null} */ (document.querySelector("desk-sheet"))?.close();
}

/**
 * @param {import("./page.js").Page} p  @param {((p: import("./page.js").Page) => Sheet)|null} sheet
 */
export function dialog(p, sheet) {
  if (!sheet) return nothing;
  const s = sheet(p);
  return html`<desk-sheet>
    <dialog class="sheet" aria-labelledby="sheet-title" data-wide=${s.wide ? "yes" : "no"} data-box="sheet"
      @close=${() => p.closed(s)} @click=${(/** @type {MouseEvent} */ e) => e.target === e.currentTarget && closeSheet()}>
      <div class="sheet-head"><h2 id="sheet-title" tabindex="-1" ?autofocus=${!s.form}>${s.title}</h2>
        <button type="button" class="shut" aria-label=${p.t.close} @click=${closeSheet}>${icon("close")}</button></div>
      <div class="sheet-body">${s.body}</div>
    </dialog>
  </desk-sheet>`;
}
