// The page's line to the server: the wall's own Link, asked for by a page for people.

import { socketAddress } from "../ask.js";
import { Link } from "../link.js";
import { Problem } from "./api.js";

/**
 * @param {import("./page.js").Page} p  @param {string} view
 * @param {(frame: import("../wire.js").Frame) => void} take
 * @returns {Link} not started yet
 */
export function connect(p, view, take) {
  return new Link(
    {
      open: () => new WebSocket(socketAddress(view)),
      poll: () =>
        p.api.ask(`/api/v1/tiles?view=${encodeURIComponent(view)}`, { stay: true }).catch((err) => {
          if (err instanceof Problem && (err.status === 401 || err.status === 403)) void p.turnedAway(err.status === 401);
          throw err;
        }),
      now: () => performance.now(),
      random: () => Math.random(),
      later: (run, ms) => setTimeout(run, ms),
      cancel: (timer) => clearTimeout(timer),
      refused: (code) => {
        if (code !== 4401 && code !== 4403) return false;
        void p.turnedAway(code === 4401);
        return true;
      },
    },
    take,
    () => p.draw(),
  );
}
