// What people search for, found however it was typed: Arabic yeh for Persian yeh,
// half-spaces left out, whichever digits the keyboard has.

import { foldDigits, foldLetters } from "./fold.js";

/** Marks over letters, the lengthening stroke, joiners and marks of direction. */
const UNHEARD = /[\p{M}\u0640\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** @param {string} text  @returns {string} what two spellings of the same word have in common */
export function fold(text) {
  return foldLetters(foldDigits(text.normalize("NFKD")))
    .replace(UNHEARD, "")
    .replace(/[\u0629\u06c0\u06d5]/g, "\u0647")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * Whether every word of the query stands somewhere in the texts.
 * @param {string} query as typed  @param {(string|null|undefined)[]} texts  @returns {boolean} true for an empty query
 */
export function matches(query, texts) {
  const words = fold(query).split(" ").filter(Boolean);
  if (words.length === 0) return true;
  const hay = fold(texts.filter(Boolean).join(" "));
  return words.every((w) => hay.includes(w) || hay.replaceAll(" ", "").includes(w));
}

/**
 * A whole number as people type it.
 * @param {string} text  @returns {number|null} null where it is none
 */
export function whole(text) {
  const t = foldDigits(text).replace(/[\s,\u200c\u200e\u200f\u061c]/g, "");
  return /^\d{1,9}$/.test(t) ? Number(t) : null;
}
