// The wall's only state of the data: the newest tile of each kind, built from one
// snapshot and the patches that follow it without a gap.

import { keyOf } from "./tile.js";

/** @typedef {import("./wire.js").Frame} Frame */

export class Store {
  /** @type {Map<string, import("./wire.js").Tile>} by key, see tile.js */
  #tiles = new Map();
  #epoch = "";
  #rev = -1; // below 0: no snapshot of this epoch yet
  #updates = 0;

  /** @returns {ReadonlyMap<string, import("./wire.js").Tile>} by key */
  get tiles() {
    return this.#tiles;
  }

  /** The server's start that the tiles come from; empty before the first frame. */
  get epoch() {
    return this.#epoch;
  }

  /** Tiles taken over since the page was loaded. */
  get updates() {
    return this.#updates;
  }

  /** Whether there is anything to show. */
  get filled() {
    return this.#rev >= 0 || this.#tiles.size > 0;
  }

  /**
   * Takes over a frame.
   * @param {Frame} frame
   * @returns {"taken"|"gap"|"idle"} gap: something was missed, ask for a snapshot
   */
  apply(frame) {
    switch (frame.type) {
      case "hello":
        // Old tiles stay on the wall until the new start has sent its own: they age by themselves.
        if (frame.epoch !== this.#epoch) this.#rev = -1;
        this.#epoch = frame.epoch;
        return "taken";
      case "patch":
        if (this.#rev < 0 || frame.since !== this.#rev) return "gap";
        this.#put(frame.tiles);
        this.#rev = frame.rev;
        return "taken";
      case "ping":
      case "cases":
        return "idle";
      default:
        return this.#snapshot(frame);
    }
  }

  /** @param {import("./wire.js").Snapshot} frame  @returns {"taken"|"idle"} */
  #snapshot(frame) {
    if (!Array.isArray(frame.tiles)) return "idle"; // a kind of frame that this page does not know
    this.#tiles.clear();
    this.#put(frame.tiles);
    this.#epoch = frame.epoch;
    this.#rev = frame.rev;
    return "taken";
  }

  /** @param {import("./wire.js").Tile[]} tiles */
  #put(tiles) {
    for (const tile of tiles) this.#tiles.set(keyOf(tile), tile);
    this.#updates += tiles.length;
  }
}
