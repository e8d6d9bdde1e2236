// Copying words out of the page, also where the browser has no clipboard for it: on
// plain http there is none, and then the older way, or at least a selection, is left.

/**
 * @param {string} text what is copied
 * @param {HTMLElement|null} shown the element that shows it, to be selected where nothing else works
 * @param {() => void} [open] makes it visible before that
 * @returns {Promise<"copied"|"selected">}
 */
export async function copy(text, shown, open) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return "copied";
    } catch {
      // refused by the browser: the ways below may still be open
    }
  }
  if (oldWay(text)) return "copied";
  open?.();
  if (shown) select(shown);
  return "selected";
}

/** @param {HTMLElement} element its words are selected, and nothing else */
function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/**
 * The command that browsers had before the clipboard: it copies what is selected, so
 * the text is set down unseen for a moment.
 * @param {string} text  @returns {boolean}
 */
function oldWay(text) {
  const spot = document.createElement("textarea");
  spot.className = "heard";
  spot.value = text;
  spot.readOnly = true;
  const had = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(spot); // beside an open dialog nothing can be selected
  spot.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    spot.remove();
    if (had instanceof HTMLElement) had.focus({ preventScroll: true });
  }
}
