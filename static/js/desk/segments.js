// One of a few, all of them in sight.

import { html } from "../../third_party/lit-3.3.3.js";

/**
 * One of a few; the arrow keys go from one to the next.
 * @template {string} T
 * @param {string} name  @param {string} label  @param {[T, string][]} list value and words  @param {T} value  @param {(value: T) => void} pick
 */
export const segments = (name, label, list, value, pick) => html`<fieldset class="segments">
  <legend class="heard">${label}</legend>
  ${list.map(([v, words]) => html`<label class="segment"><input class="heard" type="radio" name=${name} value=${v} .checked=${v === value} @change=${() => pick(v)}><span>${words}</span></label>`)}
</fieldset>`;
