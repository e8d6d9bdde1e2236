// Which wording a page for people speaks. The English one gives the shape that both
// must have; the type checker and a test hold the Persian one to it.

import { deskEn } from "./desk-en.js";
import { deskFa } from "./desk-fa.js";

/** @typedef {typeof deskEn} DeskWording arguments are ready formatted */

/** @param {string} lang  @returns {DeskWording} English for any language but Persian */
export function deskWording(lang) {
  return lang === "fa" ? deskFa : deskEn;
}
