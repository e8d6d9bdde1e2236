// The focus of the keyboard, which no drawing may lose. It follows the row in which it
// stands when rows change their places; where what had it is gone, it moves to what was
// around that, never back to the beginning of the page.

/** What is around a control, from the near to the far. */
const HOMES = "li, tr, [role='region'], [role='tabpanel'], section, article, dialog, main";
const CONTROLS = "a[href], button, input, select, textarea, summary";

/**
 * @typedef {object} Place where the focus was
 * @property {HTMLElement} at
 * @property {string} key of its row: the data-key of the nearest element around it that has one; "" where none has
 * @property {number} nth of the controls of the row; -1: the row itself, or no row
 * @property {HTMLElement[]} homes around it; the row is not among them
 * @property {boolean} seen by somebody who uses keys: the page may roll to where it goes
 */

/** @param {HTMLElement} row  @returns {HTMLElement[]} */
const controls = (row) => [.../** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll(CONTROLS))];

/** @param {HTMLElement} root  @returns {Place|null} null: the focus is not within root */
export function placeOf(root) {
  const at = document.activeElement;
  if (!(at instanceof HTMLElement) || at === root || !root.contains(at)) return null;
  const row = /** @type {HTMLElement|null} */ (at.closest("[data-key]"));
  /** @type {HTMLElement[]} */
  const homes = [];
  for (let e = at.parentElement; e && e !== root; e = e.parentElement) if (e !== row && e.matches(HOMES)) homes.push(e);
  return { at, key: row?.dataset.key ?? "", nth: row ? controls(row).indexOf(at) : -1, homes, seen: at.matches(":focus-visible") };
}

/** Sees to it, after a drawing, that the focus is where it was.  @param {HTMLElement} root  @param {Place|null} was */
export function keep(root, was) {
  if (!was) return;
  const now = document.activeElement;
  const lost = now === document.body || now === null;
  if (!lost && now !== was.at) return; // somebody has moved it on purpose
  const row = /** @type {HTMLElement|null} */ (was.at.closest("[data-key]"));
  if (!lost && (row?.dataset.key ?? "") === was.key) return;
  if (was.key) {
    const same = /** @type {HTMLElement|null} */ (root.querySelector(`[data-key="${CSS.escape(was.key)}"]`));
    const list = same ? controls(same) : [];
    if (same && to(list[was.nth] ?? list[0] ?? same, was.seen)) return;
  } else if (was.at.isConnected && to(was.at, was.seen)) return;
  was.homes.some((e) => e.isConnected && to(e, false));
}

/**
 * Moves the focus.
 * @param {HTMLElement} e  @param {boolean} roll the page to it
 * @returns {boolean} whether it has the focus now
 */
export function to(e, roll) {
  if (e.tabIndex < 0 && !e.hasAttribute("tabindex")) e.tabIndex = -1;
  e.focus({ preventScroll: !roll });
  return document.activeElement === e;
}
