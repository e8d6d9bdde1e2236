// Choosing: one of a few that are all in sight, and what is found of a list.

import { html } from "../../third_party/lit-3.3.3.js";
import { icon } from "./shapes.js";

/**
 * One of a few; the arrow keys go from one to the next.
 * @template {string} T
 * @param {string} name  @param {string} label  @param {[T, string][]} list value and words  @param {T} value  @param {(value: T) => void} pick
 */
export const segments = (name, label, list, value, pick) => html`<fieldset class="segments">
  <legend class="heard">${label}</legend>
  ${list.map(([v, words]) => html`<label class="segment"><input class="heard" type="radio" name=${name} value=${v} .checked=${v === value} @change=${() => pick(v)}><span>${words}</span></label>`)}
</fieldset>`;

/**
 * A field to search in a list; the label is only heard.
 * @param {string} id  @param {string} label  @param {string} hint  @param {string} value  @param {(value: string) => void} type
 */
export const find = (id, label, hint, value, type) => html`<div class="search">
  <label class="heard" for=${id}>${label}</label>
  ${icon("search")}<input class="input" id=${id} type="search" autocomplete="off" placeholder=${hint} .value=${value}
    @input=${(/** @type {Event} */ e) => type(/** @type {HTMLInputElement} */ (e.target).value)}>
</div>`;
