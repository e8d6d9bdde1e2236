// How a case stands against its time, at a moment: between two answers of the server
// the clock goes on here, where it is known to run.

/** @typedef {import("./wire.js").Case} Case */
/** @typedef {import("../tile.js").Shown} Shown */
/** @typedef {"late"|"soon"|"running"|"paused"|"closed"|"none"} Kind */

/** A case is nearly late when this share of its time is left, or less. */
const SOON = 0.25;
/** Seconds by which a running clock and the clock on the wall may differ and still count as one. */
const SLACK = 90;

/**
 * @param {Case} c  @param {number} now data time in ms  @param {number} asked when the server answered, data time in ms
 * @returns {{kind: Kind, shown: Shown, left: number|null, part: number}} left: seconds, negative when late, null
 *   without a clock; part: percent of the time that is used, as far as a list can know it
 */
export function standing(c, now, asked) {
  if (c.state === "closed") return { kind: "closed", shown: c.late ? "alert" : "ok", left: c.left_seconds, part: 100 };
  if (c.left_seconds === null) return { kind: "none", shown: "none", left: null, part: 0 };
  const due = c.due_at ? Date.parse(c.due_at) : NaN;
  if (c.state === "paused" || Number.isNaN(due)) {
    return { kind: "paused", shown: "stale", left: c.left_seconds, part: used(c, asked + c.left_seconds * 1000, asked) };
  }
  const runs = Math.abs((due - asked) / 1000 - c.left_seconds) <= SLACK;
  const left = runs ? Math.round((due - now) / 1000) : c.left_seconds;
  const part = used(c, due, now);
  if (c.late || (runs && left < 0)) return { kind: "late", shown: "alert", left: Math.min(left, 0), part: 100 };
  return part >= (1 - SOON) * 100 ? { kind: "soon", shown: "watch", left, part } : { kind: "running", shown: "ok", left, part };
}

/** @param {Case} c  @param {number} due ms  @param {number} now ms  @returns {number} percent of the way from its opening to its end */
function used(c, due, now) {
  const opened = Date.parse(c.opened_at);
  if (!(due > opened)) return 100;
  return Math.max(0, Math.min(100, ((now - opened) / (due - opened)) * 100));
}

/**
 * The state of a case in words, such as "3 hours left".
 * @param {ReturnType<typeof standing>} s  @param {import("../text/desk.js").DeskWording} t  @param {import("./format.js").DeskFormat} f
 * @returns {string}
 */
export function words(s, t, f) {
  const span = s.left === null ? "" : f.span(s.left);
  switch (s.kind) {
    case "late":
      // A clock that runs by day only may have come to its end without going on since.
      return (s.left ?? 0) > -60 ? t.case.lateNow : t.case.late(span);
    case "soon":
    case "running":
      return t.case.left(span);
    case "paused":
      return s.left !== null && s.left >= 0 ? t.case.standingLeft(span) : t.case.standing;
    case "closed":
      return s.left !== null && s.shown === "alert" ? t.case.closedLate(span) : t.case.closed;
    default:
      return t.case.noClock;
  }
}
