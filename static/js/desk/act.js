// What people do with a case: one act at a time, each waited for. Nothing is shown as
// done before the server says so; where somebody else came first, it says who and what.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { Problem, actID } from "./api.js";
import { inLang } from "./cases.js";
import { foldLetters } from "./fold.js";
import { did } from "./log.js";
import { button, failed, field, name, wordsDir } from "./parts.js";
import { shape } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").Case} Case */
/** @typedef {import("./wire.js").LogLine} LogLine */
/** @typedef {"acknowledge"|"assign"|"note"|"pause"|"resume"|"close"|"reopen"} Do */

/**
 * @typedef {object} Acting
 * @property {Page} p
 * @property {Case} c as it was seen
 * @property {Do} what
 * @property {import("./wire.js").Who[]} people who may answer for it
 * @property {(words: string) => void} say tells what has become of it
 * @property {(c: import("./wire.js").CaseWhole|null) => void} done told of the case as it is now; null: ask for it
 */

/** Bytes that a note may have. */
export const MAX_NOTE = 4000;

/** Verbs that need words, and those that may have some. @type {Partial<Record<Do, "must"|"may">>} */
const WORDS = { note: "must", pause: "must", reopen: "must", close: "may" };

/**
 * Does it, or opens the dialog in which it is put into words.
 * @param {Acting} a  @returns {Promise<void>}
 */
export async function begin(a) {
  const state = new State(a);
  if (a.what === "assign" || WORDS[a.what]) a.p.show(() => sheet(state));
  else await state.send();
}

class State {
  busy = false;
  note = "";
  wrong = "";
  /** @type {string|null} who answers for it from now on; null: not chosen yet */ to;
  /** @type {Problem|null} */ problem = null;
  /** @type {{c: Case|null, since: LogLine[]}|null} what came in between */ conflict = null;
  #id = actID();
  #version;

  /** @param {Acting} a */
  constructor(a) {
    this.a = a;
    this.to = a.c.owner?.id ?? null;
    this.#version = a.c.version;
  }

  /** Sends the act; the same again does no harm. */
  async send() {
    if (this.busy) return;
    const { p, c, what } = this.a;
    const note = foldLetters(this.note.trim());
    this.wrong = WORDS[what] === "must" && note === "" ? p.t.required : new TextEncoder().encode(note).length > MAX_NOTE ? p.t.act.tooLong : "";
    if (what === "assign" && (this.to === null || this.to === (c.owner?.id ?? ""))) this.wrong = p.t.act.assignChoose;
    if (this.wrong) {
      p.draw();
      return;
    }
    this.busy = true;
    this.problem = null;
    p.draw();
    try {
      const answer = await p.api.send(`/api/v1/cases/${c.number}/acts`, { id: this.#id, do: what, expects: this.#version, note, to: what === "assign" ? this.to ?? "" : "" });
      this.#done(answer.status, answer.body);
    } catch (err) {
      this.#failed(err);
    } finally {
      this.busy = false;
      p.draw();
    }
  }

  /** @param {number} status  @param {any} body */
  #done(status, body) {
    const { p, what, say, done } = this.a;
    p.hide();
    done(status === 202 ? null : body);
    say(status === 202 ? p.t.act.taken : p.t.act.done[what]);
  }

  /** @param {unknown} err */
  #failed(err) {
    const { p } = this.a;
    const problem = err instanceof Problem ? err : new Problem(500);
    if (problem.status === 409) {
      const c = problem.answer?.case ?? null;
      this.conflict = { c, since: problem.answer?.since ?? [] };
      this.#version = c?.version ?? 0;
      this.#id = actID(); // another act: it stands on other knowledge
    } else {
      this.problem = problem;
    }
    if (p.busy || this.conflict) p.show(() => sheet(this));
    else p.sayProblem(problem);
  }

  /** Shows the case as it is now. */
  fresh = () => {
    const { p, say, done } = this.a;
    p.hide();
    done(/** @type {import("./wire.js").CaseWhole|null} */ (this.conflict?.c ?? null));
    say(p.t.act.shown);
  };
}

/** @param {State} s  @returns {import("./dialog.js").Sheet} */
function sheet(s) {
  const { p, what } = s.a;
  const send = (/** @type {Event} */ e) => {
    e.preventDefault();
    void s.send();
  };
  return {
    title: html`${p.t.act[what]} <span class="quiet small">${p.t.case.number(p.f.number(s.a.c.number))}</span>`,
    form: true,
    body: html`<form class="form" novalidate @submit=${send}>
      ${s.conflict ? conflict(s) : nothing}
      ${s.problem ? failed(p, s.problem) : nothing}
      ${what === "assign" ? people(s) : nothing}
      ${WORDS[what] ? words(s) : nothing}
      <div class="buttons" data-end="yes">
        ${s.conflict
          ? html`<button type="button" class="button" data-kind="main" @click=${s.fresh} ?autofocus=${!WORDS[what]}>${p.t.act.fresh}</button>${still(s) ? button(p, { words: p.t.act.anyway, busy: s.busy }) : nothing}`
          : html`<button type="button" class="button" @click=${p.hide}>${p.t.cancel}</button>${button(p, { words: p.t.act[what], busy: s.busy, kind: "main" })}`}
      </div>
    </form>`,
  };
}

/** Whether the act still makes sense with the case as it is now.  @param {State} s */
function still(s) {
  const c = s.conflict?.c;
  if (!c) return false;
  return possible(c).includes(s.a.what);
}

/** What may be done with a case as it stands.  @param {Case} c  @returns {Do[]} */
export function possible(c) {
  if (c.state === "closed") return ["reopen", "note"];
  /** @type {Do[]} */
  const first = c.acknowledged_at ? [] : ["acknowledge"];
  return [...first, "assign", "note", c.state === "paused" ? "resume" : "pause", "close"];
}

/** Who did what in between.  @param {State} s */
function conflict(s) {
  const { p } = s.a;
  return html`<div class="card told" role="alert">
    <p class="strong row">${shape("watch")}<span>${p.t.act.changed}</span></p>
    <ul class="lines act-since">${s.conflict?.since.map((l) => html`<li>${did(p, l)}</li>`)}</ul>
    <p class="small">${p.t.act.changedHint}</p>
  </div>`;
}

/** @param {State} s */
function words(s) {
  const { p, what } = s.a;
  const labels = { note: p.t.act.noteLabel, pause: p.t.act.pauseLabel, close: p.t.act.closeLabel, reopen: p.t.act.reopenLabel };
  const label = labels[/** @type {"note"|"pause"|"close"|"reopen"} */ (what)];
  return field({
    id: "act-note",
    label: WORDS[what] === "may" ? html`${label} <span class="quiet small">${p.t.optional}</span>` : label,
    wrong: s.wrong,
    hint: what === "pause" ? p.t.act.pauseHint : p.t.act.noteHint,
    control: html`<textarea class="input" id="act-note" dir=${wordsDir(p, s.note)} rows="4" autofocus aria-describedby="act-note-about" aria-invalid=${s.wrong ? "true" : "false"}
      .value=${s.note} @input=${(/** @type {Event} */ e) => {
        s.note = /** @type {HTMLTextAreaElement} */ (e.target).value;
        p.draw();
      }}></textarea>`,
  });
}

/** @param {State} s */
function people(s) {
  const { p, people: list } = s.a;
  const pick = (/** @type {string} */ id) => () => {
    s.to = id;
    s.wrong = "";
    p.draw();
  };
  const choice = (/** @type {string} */ id, /** @type {unknown} */ said, /** @type {boolean} */ first) =>
    html`<label class="choice"><input type="radio" name="act-to" value=${id} .checked=${s.to === id} ?autofocus=${first} @change=${pick(id)}><span>${said}</span></label>`;
  return html`<fieldset class="form" aria-describedby="act-to-about"><legend class="label">${p.t.act.assignTo}</legend>
    ${list.map((x, i) => choice(x.id, name(inLang(x.name, p.lang)), s.to ? s.to === x.id : i === 0))}
    ${s.a.c.owner ? choice("", p.t.act.assignNobody, list.length === 0) : nothing}
    <div id="act-to-about" role="alert">${s.wrong ? html`<p class="wrong">${shape("alert")}<span>${s.wrong}</span></p>` : nothing}</div>
  </fieldset>`;
}
