// The shift that runs in a department, and its handing over.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { MAX_NOTE } from "./act.js";
import { Problem, actID } from "./api.js";
import { inLang } from "./cases.js";
import { foldLetters } from "./fold.js";
import { button, failed, field, select, wordsDir } from "./parts.js";
import { icon, shape } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").Department} Department */
/** @typedef {import("./wire.js").Shift} Shift */

/** @param {string} department  @param {number|"current"} number */
export const shiftHref = (department, number) => `/dept/${encodeURIComponent(department)}/shifts/${number}`;

/**
 * @param {Page} p  @param {Department} d  @param {Shift[]} shifts newest first  @param {() => void} done asks for everything once more
 */
export function panel(p, d, shifts, done) {
  const now = d.shift;
  const former = shifts.filter((x) => x.to !== null).slice(0, 3);
  const since = now.from ? Date.parse(now.from) : NaN;
  return html`<div class="card shift-panel" data-box="shift">
    <p class="strong">${p.t.dept.shiftNumber(p.f.number(now.number))}</p>
    <p>${Number.isNaN(since) ? p.t.dept.shiftFirst : p.t.dept.shiftSince(p.f.at(since, p.now), p.f.about((p.now - since) / 1000))}</p>
    ${now.taker ? html`<p class="quiet">${p.t.dept.shiftTaker(inLang(now.taker.name, p.lang))}</p>` : nothing}
    ${former[0]?.note ? html`<p class="quoted" dir="auto">${former[0].note}</p>` : nothing}
    <div class="buttons">
      ${d.may_act ? html`<button type="button" class="button" data-kind="main" @click=${() => handOver(p, d, done)}>${p.t.dept.handOver}</button>` : nothing}
      <a class="button" href=${shiftHref(d.department.id, "current")}>${icon("print")}${p.t.dept.shiftLog}</a>
    </div>
    ${former.length > 0
      ? html`<h3 class="former-title">${p.t.dept.former}</h3><ul class="lines former">${former.map((s) => html`<li><a href=${shiftHref(d.department.id, s.number)}>${p.t.dept.shiftNumber(p.f.number(s.number))}</a>
          <span class="quiet small">${ended(p, s)}</span></li>`)}</ul>`
      : nothing}
  </div>`;
}

/** When a former shift was.  @param {Page} p  @param {Shift} s */
function ended(p, s) {
  const to = p.f.at(Date.parse(s.to ?? ""), p.now);
  return s.from ? p.t.dept.formerLine(p.f.at(Date.parse(s.from), p.now), to) : p.t.dept.formerFirst(to);
}

/** Opens the dialog of handing over.  @param {Page} p  @param {Department} d  @param {() => void} done */
function handOver(p, d, done) {
  const s = { id: actID(), to: "", note: "", wrong: "", busy: false, number: d.shift.number, conflict: false, problem: /** @type {Problem|null} */ (null) };
  const send = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (s.busy) return;
    const note = foldLetters(s.note.trim());
    s.wrong = new TextEncoder().encode(note).length > MAX_NOTE ? p.t.act.tooLong : "";
    if (s.wrong) {
      p.draw();
      return;
    }
    s.busy = true;
    s.problem = null;
    p.draw();
    try {
      const answer = await p.api.send(`/api/v1/departments/${encodeURIComponent(d.department.id)}/shifts`, { id: s.id, expects: s.number, to: s.to, note });
      p.hide();
      p.say(answer.status === 202 ? p.t.act.taken : p.t.dept.handedOver);
      done();
    } catch (err) {
      s.problem = err instanceof Problem ? err : new Problem(500);
      s.conflict = s.problem.status === 409;
      if (s.conflict) done();
    } finally {
      s.busy = false;
      p.draw();
    }
  };
  p.show(() => ({
    title: p.t.dept.handOver,
    body: html`<form class="form" novalidate @submit=${send}>
      ${s.conflict ? html`<div class="card told" role="alert"><p class="strong row">${shape("watch")}<span>${p.t.act.changed}</span></p><p class="small">${s.problem?.title} ${s.problem?.detail}</p></div>`
        : s.problem ? failed(p, s.problem) : nothing}
      <p>${p.t.dept.handOverHint(p.f.count(d.summary.open), d.summary.overdue > 0 ? p.f.count(d.summary.overdue) : "")}</p>
      ${select({ id: "shift-to", label: p.t.dept.handOverTo, value: s.to, pick: (v) => (s.to = v), options: [["", p.t.dept.handOverUnsaid], ...d.people.map((x) => /** @type {[string, string]} */ ([x.id, inLang(x.name, p.lang)]))] })}
      ${field({
        id: "shift-note", label: html`${p.t.dept.handOverNote} <span class="quiet small">${p.t.optional}</span>`, wrong: s.wrong,
        control: html`<textarea class="input" id="shift-note" rows="5" dir=${wordsDir(p, s.note)} aria-describedby="shift-note-about" aria-invalid=${s.wrong ? "true" : "false"} .value=${s.note}
          @input=${(/** @type {Event} */ e) => {
            s.note = /** @type {HTMLTextAreaElement} */ (e.target).value;
            p.draw();
          }}></textarea>`,
      })}
      <div class="buttons" data-end="yes"><button type="button" class="button" @click=${p.hide}>${s.conflict ? p.t.close : p.t.cancel}</button>
        ${s.conflict ? nothing : button(p, { words: p.t.dept.handOver, busy: s.busy, kind: "main" })}</div>
    </form>`,
  }));
}

