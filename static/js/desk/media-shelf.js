// Which figures the media office has before its eyes. A figure that somebody has
// copied, has selected or stands in with the keyboard keeps still; the newer one
// waits behind it until it is asked for or the hand is taken away.

/** @typedef {import("./media-wire.js").Card} Card */
/** @typedef {"copied"|"focus"|"selection"} Why */

export class Shelf {
  /** @type {Map<string, Card>} as the server says now, in its order */ #newest = new Map();
  /** @type {Map<string, Card>} as the page shows */ #shown = new Map();
  /** @type {Map<string, Set<Why>>} */ #held = new Map();

  /** @returns {Card[]} as shown, in the order in which they first came */
  get cards() {
    return [...this.#shown.values()];
  }

  /** @param {string} id  @returns {boolean} whether it is shown */
  has(id) {
    return this.#shown.has(id);
  }

  /**
   * Takes over what the server says. Figures keep their order; what it does not name
   * any more goes, unless it is held.
   * @param {Card[]} cards
   */
  put(cards) {
    this.#newest = new Map(cards.map((c) => [c.id, c]));
    for (const id of [...this.#shown.keys()]) {
      if (!this.#newest.has(id) && !this.#held.has(id)) this.#shown.delete(id);
    }
    for (const c of cards) {
      if (!this.#held.has(c.id)) this.#shown.set(c.id, c);
    }
  }

  /** Forgets everything: another period or grouping is looked at. */
  clear() {
    this.#newest.clear();
    this.#shown.clear();
    this.#held.clear();
  }

  /** @param {string} id  @param {Why} why */
  hold(id, why) {
    const whys = this.#held.get(id) ?? new Set();
    whys.add(why);
    this.#held.set(id, whys);
  }

  /**
   * @param {string} id  @param {Why} why
   * @returns {boolean} whether another figure is shown now
   */
  free(id, why) {
    const whys = this.#held.get(id);
    if (!whys?.delete(why) || whys.size > 0) return false;
    return this.take(id);
  }

  /**
   * Shows the newest, whatever held it.
   * @param {string} id  @returns {boolean} whether another figure is shown now
   */
  take(id) {
    this.#held.delete(id);
    const was = this.#shown.get(id);
    const now = this.#newest.get(id);
    if (now) this.#shown.set(id, now);
    else this.#shown.delete(id);
    return was !== now;
  }

  /** @param {string} id  @returns {Card|null} the newer figure that waits behind the one shown */
  newer(id) {
    const shown = this.#shown.get(id);
    const now = this.#newest.get(id);
    return shown && now && says(shown) !== says(now) ? now : null;
  }
}

/** What must not change unseen; the time goes on by itself.  @param {Card} c */
const says = (c) => JSON.stringify([c.value, c.status, c.revised, c.version, c.coverage]);

/**
 * The figures under one heading for each indicator, in the order in which they came.
 * @param {Card[]} cards  @returns {{indicator: string, cards: Card[]}[]}
 */
export function sections(cards) {
  /** @type {Map<string, Card[]>} */
  const by = new Map();
  for (const c of cards) {
    const list = by.get(c.indicator);
    if (list) list.push(c);
    else by.set(c.indicator, [c]);
  }
  return [...by].map(([indicator, list]) => ({ indicator, cards: list }));
}

/**
 * Of each indicator the places with the most first, and those of which nothing is
 * known last; districts and the city as they come.
 * @param {Card[]} cards  @returns {Card[]}
 */
export function ranked(cards) {
  const rank = (/** @type {Card} */ c) => (c.group.by === "place" ? (c.value ?? -Infinity) : 0);
  return sections(cards).flatMap((s) => s.cards.toSorted((a, b) => (rank(b) === rank(a) ? 0 : rank(b) - rank(a))));
}

/**
 * The one figure that stands above all others: of the city, the first with a value.
 * @param {Card[]} city  @returns {Card|null}
 */
export function chief(city) {
  return city.find((c) => c.value !== null) ?? city[0] ?? null;
}
