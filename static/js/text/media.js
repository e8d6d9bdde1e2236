// Which wording the media office's page speaks. The English one gives the shape that both must
// have; the type checker and a test hold the Persian one to it.

import { mediaEn } from "./media-en.js";
import { mediaFa } from "./media-fa.js";

/** @typedef {typeof mediaEn} MediaWording arguments are ready formatted */

/** @param {string} lang  @returns {MediaWording} English for any language but Persian */
export function mediaWording(lang) {
  return lang === "fa" ? mediaFa : mediaEn;
}
