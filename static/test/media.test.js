import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, matches, whole } from "../js/desk/find.js";
import { Shelf, chief, ranked, sections } from "../js/desk/media-shelf.js";

/** @returns {object} a figure of a place */
const card = (id, value, more = {}) => ({
  id, indicator: id.split(".")[0], group: { by: "place", id, name: { fa: id, en: id } }, value, status: "provisional",
  revised: false, version: 1, coverage: { reporting: 1, expected: 1 }, as_of: "2027-03-25T15:00:00Z", ...more,
});
const values = (shelf) => shelf.cards.map((c) => c.value);

test("figures that nobody holds are replaced by newer ones", () => {
  const shelf = new Shelf();
  shelf.put([card("a", 1), card("b", 2)]);
  shelf.put([card("a", 3), card("b", 2)]);
  assert.deepEqual(values(shelf), [3, 2]);
  assert.equal(shelf.newer("a"), null);
});

test("a figure that was copied stays until the newer one is asked for", () => {
  const shelf = new Shelf();
  shelf.put([card("a", 1)]);
  shelf.hold("a", "copied");
  shelf.put([card("a", 2)]);
  shelf.put([card("a", 3)]);
  assert.deepEqual(values(shelf), [1]);
  assert.equal(shelf.newer("a").value, 3);
  assert.equal(shelf.take("a"), true);
  assert.deepEqual(values(shelf), [3]);
  assert.equal(shelf.newer("a"), null);
  shelf.put([card("a", 4)]);
  assert.deepEqual(values(shelf), [4]);
});

test("a figure under the hand moves on when the last hand is taken away", () => {
  const shelf = new Shelf();
  shelf.put([card("a", 1)]);
  shelf.hold("a", "focus");
  shelf.hold("a", "selection");
  shelf.put([card("a", 2)]);
  assert.equal(shelf.free("a", "focus"), false);
  assert.deepEqual(values(shelf), [1]);
  assert.equal(shelf.free("a", "selection"), true);
  assert.deepEqual(values(shelf), [2]);
});

test("letting go of what was not held changes nothing", () => {
  const shelf = new Shelf();
  shelf.put([card("a", 1)]);
  shelf.hold("a", "copied");
  shelf.put([card("a", 2)]);
  assert.equal(shelf.free("a", "focus"), false);
  assert.deepEqual(values(shelf), [1]);
});

test("what only grew older is not called newer", () => {
  const shelf = new Shelf();
  shelf.put([card("a", 1)]);
  shelf.hold("a", "copied");
  shelf.put([card("a", 1, { as_of: "2027-03-25T15:15:00Z" })]);
  assert.equal(shelf.newer("a"), null);
  for (const more of [{ status: "final" }, { revised: true }, { version: 2 }, { coverage: null }]) {
    shelf.put([card("a", 1, more)]);
    assert.notEqual(shelf.newer("a"), null, JSON.stringify(more));
  }
});

test("a held figure outlives its removal, and goes when it is let go", () => {
  const shelf = new Shelf();
  shelf.put([card("a", 1), card("b", 2)]);
  shelf.hold("a", "focus");
  shelf.put([card("b", 2)]);
  assert.deepEqual(values(shelf), [1, 2]);
  shelf.free("a", "focus");
  assert.deepEqual(values(shelf), [2]);
});

test("figures keep their places when others overtake them", () => {
  const shelf = new Shelf();
  shelf.put(ranked([card("x.a", 1), card("x.b", 5)]));
  shelf.put(ranked([card("x.a", 9), card("x.b", 5), card("x.c", 7)]));
  assert.deepEqual(shelf.cards.map((c) => c.id), ["x.b", "x.a", "x.c"]);
});

test("places stand with the most first and the unknown last, each indicator for itself", () => {
  const list = [card("x.a", 1), card("x.b", null), card("x.c", 9), card("x.d", 0), card("y.a", 50), card("y.b", 60)];
  assert.deepEqual(ranked(list).map((c) => c.id), ["x.c", "x.a", "x.d", "x.b", "y.b", "y.a"]);
  assert.deepEqual(sections(list).map((s) => [s.indicator, s.cards.length]), [["x", 4], ["y", 2]]);
});

test("districts stay in the order of the city", () => {
  const list = [1, 9, 5].map((v, i) => ({ ...card(`x.${i}`, v), group: { by: "district", id: String(i), name: { fa: "", en: "" } } }));
  assert.deepEqual(ranked(list).map((c) => c.value), [1, 9, 5]);
});

test("the figure above all others is the first with a value", () => {
  assert.equal(chief([card("a", null), card("b", 0)]).id, "b");
  assert.equal(chief([card("a", null)]).id, "a");
  assert.equal(chief([]), null);
});

test("a name is found however it is typed", () => {
  assert.ok(matches("سي و سه پل", ["سی‌وسه‌پل"])); // Arabic yeh, spaces for half-spaces
  assert.ok(matches("سی‌وسه", ["سی‌وسه‌پل"]));
  assert.ok(matches("منطقه ۳", ["منطقه 3"]));
  assert.ok(matches("منطقه ٣", ["منطقه ۳"]));
  assert.ok(matches("KHAJU", [null, "Khaju Bridge"]));
  assert.ok(matches("اداره کل", ["ادارهٔ کل"]));
  assert.ok(matches("بازار قیصریه", ["بازار قيصرية"]));
  assert.ok(matches("  ", ["anything"]));
  assert.ok(!matches("khaju square", ["Khaju Bridge"]));
});

test("marks of direction and piled up accents do not hide a name", () => {
  assert.equal(fold("\u202eKha\u0301\u0302ju\u200e"), "khaju");
});

test("whole numbers are read in any digits", () => {
  assert.equal(whole("۳۶۵"), 365);
  assert.equal(whole("٣٦٥"), 365);
  assert.equal(whole(" 1,024 "), 1024);
  for (const bad of ["", "12.5", "-3", "سه", "1e5", "99999999999"]) assert.equal(whole(bad), null, bad);
});
