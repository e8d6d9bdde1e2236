// Persian digits and letters as keyboards give them, made one before they are sent.

/**
 * @param {string} text  @returns {string} Persian and Arabic digits as Latin ones, for logins, codes and numbers
 */
export function foldDigits(text) {
  return text.replace(/[\u06f0-\u06f9\u0660-\u0669]/g, (c) => String(c.charCodeAt(0) & 0xf)).replace(/\u066b/g, ".").replace(/\u066c/g, "");
}

/**
 * @param {string} text  @returns {string} Arabic yeh and kaf as Persian ones; digits stay as they were written
 */
export function foldLetters(text) {
  return text.replace(/[\u064a\u0649]/g, "\u06cc").replace(/\u0643/g, "\u06a9");
}
