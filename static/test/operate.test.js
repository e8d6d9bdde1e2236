import assert from "node:assert/strict";
import { test } from "node:test";
import { TABS, apart, counted, filtered, loginFits, newPassword, next, pressing, pretty, space, tabOf, tabsOf } from "../js/desk/operate-model.js";

const source = (id, state, last_at, more = {}) => ({ id, name: { fa: "بازدید از " + id, en: `Visits to ${id}` }, place: null, department: "parks", state, last_at, ...more });
const ids = (list) => list.map((s) => s.id).join(" ");

test("silent sources stand first, and of them those that are silent longest", () => {
  const list = [
    source("a", "fresh", "2027-03-25T10:00:00Z"), source("b", "dead", "2027-03-25T09:00:00Z"), source("c", "idle", "2027-03-25T07:00:00Z"),
    source("d", "never", null), source("e", "dead", "2027-03-24T09:00:00Z"), source("f", "stale", "2027-03-25T08:00:00Z"), source("g", "fresh", "2027-03-25T08:00:00Z"),
  ];
  assert.equal(ids(pressing(list)), "e b d f c a g");
  assert.deepEqual(counted(list), { dead: 2, never: 1, stale: 1, idle: 1, fresh: 2 });
});

test("sources are found by state, department and any spelling of their name", () => {
  const list = [source("khaju", "fresh", null), source("ali-qapu", "dead", null, { department: "culture-tourism" })];
  const want = { state: "", department: "", query: "" };
  assert.equal(ids(filtered(list, want)), "khaju ali-qapu");
  assert.equal(ids(filtered(list, { ...want, state: "dead" })), "ali-qapu");
  assert.equal(ids(filtered(list, { ...want, department: "parks" })), "khaju");
  assert.equal(ids(filtered(list, { ...want, query: "بازديد KHAJU" })), "khaju");
  assert.equal(ids(filtered(list, { ...want, state: "dead", query: "khaju" })), "");
});

test("tabs that one may not see are not there", () => {
  assert.deepEqual(tabsOf("admin"), TABS);
  assert.deepEqual(tabsOf("operator"), TABS.filter((t) => t !== "people"));
  for (const role of ["viewer", "department", "media", ""]) assert.deepEqual(tabsOf(role), []);
  assert.equal(tabOf("#tokens", TABS), "tokens");
  assert.equal(tabOf("#people", tabsOf("operator")), "sources");
  assert.equal(tabOf("", TABS), "sources");
  assert.equal(tabOf("#tokens", []), null);
});

test("the arrows go along the reading, and around", () => {
  assert.equal(next("ArrowRight", 0, 6, "ltr"), 1);
  assert.equal(next("ArrowRight", 0, 6, "rtl"), 5);
  assert.equal(next("ArrowLeft", 5, 6, "rtl"), 0);
  assert.equal(next("ArrowLeft", 0, 6, "ltr"), 5);
  assert.equal(next("Home", 4, 6, "rtl"), 0);
  assert.equal(next("End", 0, 6, "ltr"), 5);
  assert.equal(next(" ", 3, 6, "ltr"), 3);
  assert.equal(next("Tab", 3, 6, "ltr"), null);
  assert.equal(next("Home", -1, 6, "ltr"), null);
});

test("a password can be read out, and every letter is as likely as another", () => {
  const seen = new Map();
  let state = 7;
  const random = (bytes) => bytes.map(() => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
  for (let i = 0; i < 2000; i++) {
    const p = newPassword(random);
    assert.match(p, /^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){4}$/);
    for (const c of p.replaceAll("-", "")) seen.set(c, (seen.get(c) ?? 0) + 1);
  }
  assert.equal(seen.size, 31);
  assert.ok(Math.max(...seen.values()) < 1.25 * Math.min(...seen.values()), JSON.stringify([...seen]));
});

test("logins are what the server takes", () => {
  for (const good of ["ab", "f.karimi", "ops-2", "a_b", "x".repeat(40)]) assert.ok(loginFits(good), good);
  for (const bad of ["", "a", "A.B", "مدیر", "a b", "x".repeat(41)]) assert.ok(!loginFits(bad), bad);
});

test("the disk warns before it is full", () => {
  const j = { refuses: false, free_bytes: 100e9, floor_bytes: 10e9, days_left: 100 };
  assert.equal(space(j), "ok");
  assert.equal(space({ ...j, days_left: null }), "ok");
  assert.equal(space({ ...j, days_left: 13.9 }), "watch");
  assert.equal(space({ ...j, days_left: 1.5 }), "alert");
  assert.equal(space({ ...j, free_bytes: 10e9, days_left: null }), "alert");
  assert.equal(space({ ...j, refuses: true }), "alert");
});

test("a name in a sentence cannot turn it around, nor end its own isolation", () => {
  assert.equal(apart("علی"), "\u2068علی\u2069");
  assert.equal(apart("a\u202eb\u2069c"), "\u2068abc\u2069");
});

test("what was sent is shown with its marks of direction, not by them", () => {
  const text = pretty({ source: "gate\u202eetag", value: 12, deep: [{ a: null }] });
  assert.match(text, /gate\\u202eetag/);
  assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069]/);
  assert.deepEqual(JSON.parse(text), { source: "gate\u202eetag", value: 12, deep: [{ a: null }] });
});
