// <room-for>: an element that tells how many rows of how many columns it has room
// for, so that a list shows whole rows and clips none.
//
// CSS decides: --row-size is the least height of a row in em, --columns how many
// stand side by side, and --room: all means that the page scrolls and everything fits.

/** @typedef {{rows: number, columns: number}} Room */

const PLENTY = 60;

export class RoomFor extends HTMLElement {
  /** @type {((room: Room) => void)|null} told at first and at each change */
  onroom = null;
  /** @type {ResizeObserver|null} */ #watch = null;
  #told = "";

  connectedCallback() {
    this.#watch = new ResizeObserver(() => this.#measure());
    this.#watch.observe(this);
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
    this.#watch = null;
  }

  #measure() {
    const style = getComputedStyle(this);
    const em = parseFloat(style.fontSize);
    const gap = parseFloat(style.rowGap) || 0;
    const size = parseFloat(style.getPropertyValue("--row-size")) * em;
    const columns = parseInt(style.getPropertyValue("--columns"), 10) || 1;
    const all = style.getPropertyValue("--room").trim() === "all";
    const rows = all ? PLENTY : Math.max(1, Math.floor((this.clientHeight + gap) / (size + gap)));
    const told = `${rows}/${columns}`;
    if (told === this.#told) return;
    this.#told = told;
    this.onroom?.({ rows, columns });
  }
}

customElements.define("room-for", RoomFor);
