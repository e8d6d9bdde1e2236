// Which cases a list shows. It stands in the page's address, so that coming back
// from a case finds the list as it was.

/** @typedef {{state: "open"|"closed", late: boolean, unassigned: boolean, unseen: boolean, district: string, kind: string}} Filter */

/** @returns {Filter} that selects every open case */
export const everything = () => ({ state: "open", late: false, unassigned: false, unseen: false, district: "", kind: "" });

/** @param {string} search of an address  @returns {Filter} */
export function read(search) {
  const q = new URLSearchParams(search);
  return {
    state: q.get("state") === "closed" ? "closed" : "open",
    late: q.get("late") === "1",
    unassigned: q.get("unassigned") === "1",
    unseen: q.get("unseen") === "1",
    district: q.get("district") ?? "",
    kind: q.get("kind") ?? "",
  };
}

/** @param {Filter} f  @returns {URLSearchParams} as the page's address has it */
export function write(f) {
  const q = new URLSearchParams();
  if (f.state !== "open") q.set("state", f.state);
  if (f.late) q.set("late", "1");
  if (f.unassigned) q.set("unassigned", "1");
  if (f.unseen) q.set("unseen", "1");
  if (f.district) q.set("district", f.district);
  if (f.kind) q.set("kind", f.kind);
  return q;
}

/** @param {Filter} f  @param {number} limit  @returns {URLSearchParams} as the server is asked */
export function query(f, limit) {
  const q = new URLSearchParams({ state: f.state, sort: f.state === "open" ? "worst" : "newest", limit: String(limit) });
  if (f.late) q.set("overdue", "true");
  if (f.unassigned) q.set("owner", "none");
  if (f.unseen) q.set("unacknowledged", "true");
  if (f.district) q.set("district", f.district);
  if (f.kind) q.set("kind", f.kind);
  return q;
}

/** @param {Filter} f  @returns {boolean} whether it leaves out any open case */
export const narrows = (f) => write(f).size > 0;
