// Which wording the operators' page speaks. The English one gives the shape that both must
// have; the type checker and a test hold the Persian one to it.

import { operateEn } from "./operate-en.js";
import { operateFa } from "./operate-fa.js";

/** @typedef {typeof operateEn} OperateWording arguments are ready formatted */

/** @param {string} lang  @returns {OperateWording} English for any language but Persian */
export function operateWording(lang) {
  return lang === "fa" ? operateFa : operateEn;
}
