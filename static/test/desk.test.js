import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, Problem, actID, ownPath } from "../js/desk/api.js";
import { before, difference, passed, share } from "../js/desk/compare.js";
import { everything, narrows, query, read, write } from "../js/desk/filter.js";
import { foldDigits, foldLetters } from "../js/desk/fold.js";
import { DeskFormat } from "../js/desk/format.js";
import { standing, words } from "../js/desk/sla.js";
import { deskWording } from "../js/text/desk.js";

const ZONE = "Asia/Tehran";
const now = Date.parse("2027-03-24T15:00:00Z"); // 18:30, 4 Farvardin 1406
const HOUR = 3_600_000;
const iso = (ms) => new Date(ms).toISOString();
const aCase = (over) => ({
  number: 1042, kind: "report", state: "open", opened_at: iso(now - 2 * HOUR), due_at: iso(now + 2 * HOUR), left_seconds: 7200, late: false, ...over,
});

test("between two answers the clock of a case goes on", () => {
  const c = aCase({});
  assert.deepEqual(standing(c, now, now), { kind: "running", shown: "ok", left: 7200, part: 50 });
  assert.equal(standing(c, now + HOUR, now).left, 3600);
  assert.equal(standing(c, now + HOUR, now).kind, "soon");
  assert.deepEqual(standing(c, now + 3 * HOUR, now), { kind: "late", shown: "alert", left: -3600, part: 100 });
});

test("a clock that runs by day only is shown as the server told it", () => {
  const c = aCase({ due_at: iso(now + 16 * HOUR), left_seconds: 7200 });
  assert.equal(standing(c, now + HOUR, now).left, 7200);
  assert.equal(standing(c, now + HOUR, now).kind, "running");
});

test("late stays late, also where the clock does not run by night", () => {
  const c = aCase({ due_at: iso(now - 20 * HOUR), left_seconds: -3600, late: true });
  assert.deepEqual(standing(c, now + HOUR, now), { kind: "late", shown: "alert", left: -3600, part: 100 });
});

test("a clock that stands does not move, and no clock is not late", () => {
  assert.equal(standing(aCase({ state: "paused", due_at: null }), now + 9 * HOUR, now).left, 7200);
  assert.equal(standing(aCase({ state: "paused", due_at: null }), now, now).kind, "paused");
  assert.deepEqual(standing(aCase({ due_at: null, left_seconds: null }), now, now), { kind: "none", shown: "none", left: null, part: 0 });
});

test("what is closed says whether it was late", () => {
  const closed = { state: "closed", left_seconds: -7200, late: true, due_at: null };
  assert.equal(standing(aCase(closed), now + 9 * HOUR, now).left, -7200);
  for (const [lang, late, left, standing_] of [["fa", "۲ ساعت دیرکرد", "۲ ساعت مانده", "ساعت ایستاده، ۲ ساعت مانده"], ["en", "2 hrs late", "2 hrs left", "clock stopped, 2 hrs left"]]) {
    const t = deskWording(lang);
    const f = new DeskFormat(lang, ZONE);
    const said = (c, at = now) => words(standing(aCase(c), at, now), t, f);
    assert.match(said(closed), lang === "fa" ? /۲ ساعت/ : /2 hrs/);
    assert.equal(said({}), left);
    assert.equal(said({}, now + 4 * HOUR), late);
    assert.equal(said({ due_at: iso(now - 20 * HOUR), left_seconds: 0, late: true }), t.case.lateNow);
    assert.equal(said({ state: "paused", due_at: null }), standing_);
    assert.equal(said({ state: "paused", due_at: null, left_seconds: -60 }), t.case.standing);
    assert.equal(said({ left_seconds: null }), t.case.noClock);
    assert.equal(said({ state: "closed", left_seconds: 60 }), t.case.closed);
  }
});

test("a filter comes back from its address, and asks the server for the same", () => {
  const f = { state: "closed", late: true, unassigned: true, unseen: true, district: "district-3", kind: "report" };
  assert.deepEqual(read(`?${write(f)}`), f);
  assert.deepEqual(read(""), everything());
  assert.equal(write(everything()).size, 0);
  assert.ok(narrows(f) && !narrows(everything()));
  assert.equal(String(query(everything(), 12)), "state=open&sort=worst&limit=12");
  assert.equal(String(query(f, 12)), "state=closed&sort=newest&limit=12&overdue=true&owner=none&unacknowledged=true&district=district-3&kind=report");
  assert.equal(read("?state=nonsense").state, "open");
});

test("digits and letters are made one", () => {
  assert.equal(foldDigits("۱۲٣۴٫۵ ۱٬۰۰۰"), "1234.5 1000");
  assert.equal(foldLetters("كتاب علي ۱۲"), "کتاب علی ۱۲");
});

test("stretches of time are said in two units at most", () => {
  const fa = new DeskFormat("fa", ZONE);
  const en = new DeskFormat("en", ZONE);
  assert.equal(fa.span(3 * 3600 + 20 * 60), "۳ ساعت و ۲۰ دقیقه");
  assert.equal(fa.span(-3 * 3600), "۳ ساعت");
  assert.equal(fa.span(59), "۵۹ ثانیه");
  assert.equal(fa.span(3 * 86_400 + 3600), "۳ روز و ۱ ساعت");
  assert.equal(en.span(26 * 3600 + 5 * 60), "26 hrs 5 mins");
  assert.equal(fa.about(26 * 3600), "۲۶ ساعت");
  assert.equal(en.about(4 * 86_400), "4 days");
});

test("a time of today is said without its day", () => {
  const fa = new DeskFormat("fa", ZONE);
  assert.equal(fa.at(now - HOUR, now), "۱۷:۳۰");
  assert.equal(fa.at(now - 24 * HOUR, now), "۳ فروردین، ۱۸:۳۰");
  assert.equal(fa.dateTime(now), "۴ فروردین ۱۴۰۶، ۱۸:۳۰");
  assert.equal(fa.localDay("2027-04-02"), "۱۳ فروردین");
  assert.equal(new DeskFormat("en", ZONE).dayTime(now), "4 Farvardin, 18:30");
});

test("a number by which something is called has no separators", () => {
  assert.equal(new DeskFormat("fa", ZONE).number(1042), "۱۰۴۲");
  assert.equal(new DeskFormat("fa", ZONE).count(1042), "۱٬۰۴۲");
  assert.equal(new DeskFormat("fa", ZONE).two(8), "۰۸");
});

test("after signing in only own pages are gone to", () => {
  const origin = "https://rasad.example";
  for (const bad of [null, "", "https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "dept/x", "/signin?next=/", "/%2e%2e//evil"]) {
    const path = ownPath(bad, origin);
    assert.equal(new URL(path, origin).origin, origin, String(bad));
    assert.ok(path === "/" || path.startsWith("/") && !path.startsWith("//"), `${bad} → ${path}`);
  }
  assert.equal(ownPath("/dept/parks?late=1#i/x", origin), "/dept/parks?late=1#i/x");
  assert.equal(ownPath("/signin", origin), "/");
});

test("each act has an id of its own that the journal takes", () => {
  const ids = new Set(Array.from({ length: 100 }, actID));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^[0-9a-z-]{8,64}$/);
});

/** A server that answers as told. */
function server(status, body, headers = {}) {
  const s = { asked: [], signIns: 0 };
  s.api = new Api({
    lang: "fa",
    signIn: () => s.signIns++,
    fetch: async (path, init) => {
      s.asked.push([path, init]);
      if (status === 0) throw new TypeError("no network");
      return new Response(JSON.stringify(body), { status, headers });
    },
  });
  return s;
}

test("an act carries the session's proof, and is sent as JSON", async () => {
  const s = server(202, { position: "9.1" });
  s.api.csrf = "c0ffee";
  assert.deepEqual(await s.api.send("/api/v1/cases/1/acts", { do: "close" }), { status: 202, body: { position: "9.1" } });
  const [path, init] = s.asked[0];
  assert.equal(path, "/api/v1/cases/1/acts");
  assert.equal(init.method, "POST");
  assert.equal(init.headers["Rasad-Token"], "c0ffee");
  assert.equal(init.headers["Accept-Language"], "fa");
  assert.equal(init.body, '{"do":"close"}');
});

test("a photo is sent as it is", async () => {
  const s = server(200, {});
  const photo = new Blob(["x"], { type: "image/jpeg" });
  await s.api.send("/api/v1/cases/1/evidence", photo);
  assert.equal(s.asked[0][1].body, photo);
  assert.equal(s.asked[0][1].headers["Content-Type"], "image/jpeg");
});

test("a problem comes in the server's words", async () => {
  const s = server(409, { code: "changed", title: "تغییر کرده", detail: "کسی", request_id: "r-1", answer: { refused: "changed" } }, { "Retry-After": "7" });
  const err = await s.api.send("/x", {}).catch((e) => e);
  assert.ok(err instanceof Problem);
  assert.deepEqual([err.status, err.code, err.title, err.id, err.answer.refused, err.retry], [409, "changed", "تغییر کرده", "r-1", "changed", 7]);
  assert.equal(s.signIns, 0);
});

test("who is not signed in is led to the sign-in page, unless told to stay", async () => {
  const s = server(401, {});
  await assert.rejects(s.api.ask("/x"));
  assert.equal(s.signIns, 1);
  await assert.rejects(s.api.ask("/x", { stay: true }));
  assert.equal(s.signIns, 1);
});

test("what was asked in a session that an act has just replaced is asked again in the new one", async () => {
  let answer = (/** @type {Response} */ _) => {};
  const asked = [];
  let signIns = 0;
  const api = new Api({
    lang: "fa",
    signIn: () => signIns++,
    fetch: async (path, init) => {
      asked.push(path);
      if (init.method === "POST") return new Promise((done) => (answer = done));
      return new Response("{}", { status: api.csrf === "new" ? 200 : 401 });
    },
  });
  api.csrf = "old";
  const change = api.send("/password", {}, { stay: true }).then(({ body }) => (api.csrf = body.csrf));
  const question = api.ask("/cases");
  const quiet = api.settled().then(() => api.csrf);
  await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual([asked, signIns], [["/password", "/cases"], 0]);
  answer(new Response('{"csrf": "new"}', { status: 200 }));
  await Promise.all([change, question]);
  assert.deepEqual([asked, signIns, await quiet], [["/password", "/cases", "/cases"], 0, "new"]);
  api.csrf = "ended"; // and where no act is on its way, nothing is waited for
  await assert.rejects(api.ask("/cases"));
  assert.equal(signIns, 1);
});

test("no answer is told apart from a bad one", async () => {
  assert.equal((await server(0).api.ask("/x").catch((e) => e)).code, "offline");
  assert.equal((await server(502, null).api.ask("/x").catch((e) => e)).code, "502");
});

test("an indicator is set against what it showed yesterday by this hour, in words", () => {
  const p = (lang) => ({ lang, t: deskWording(lang), f: new DeskFormat(lang, ZONE) });
  const reports = { unit: "report", unit_name: { fa: "گزارش", en: "reports" }, yesterday: [{ group: {}, value: 231 }, { group: { district: "d3" }, value: 40 }] };
  const clean = { unit: "percent", unit_name: { fa: "درصد", en: "percent" }, yesterday: [] };
  assert.equal(before(reports, {}), 231);
  assert.equal(before(reports, { district: "d3" }), 40);
  assert.equal(before(reports, { district: "d4" }), null);
  assert.deepEqual(difference(p("fa"), reports, 214, 231), { way: "less", words: "۱۷ گزارش کمتر از دیروز تا این ساعت" });
  assert.deepEqual(difference(p("en"), clean, 74.8, 70), { way: "more", words: "4.8 points more than yesterday by this hour" });
  assert.equal(difference(p("en"), reports, 231, 231).way, "same");
  assert.equal(difference(p("en"), reports, 231, null).way, "");
});

test("a plan is set against its time", () => {
  assert.equal(share(50, 200), 25);
  assert.equal(share(null, 200), 0);
  assert.equal(share(3, null), 0);
  assert.equal(passed("2027-03-21", "2027-03-30", "2027-03-25"), 50);
  assert.equal(passed("2027-03-21", "2027-03-30", "2027-03-01"), 0);
  assert.equal(passed("2027-03-21", "2027-03-30", "2027-05-01"), 100);
  assert.equal(passed(null, null, "2027-05-01"), null);
});
