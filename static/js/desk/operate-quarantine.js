// What came and was not accepted: looked at, and released or discarded by a person.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { find, segments } from "./choices.js";
import { Act, Asked, problemOf } from "./operate-asked.js";
import { matches } from "./find.js";
import { apart, pretty } from "./operate-model.js";
import { button, chip, empty, failed, field, name, tag } from "./parts.js";
import { badge, icon } from "./shapes.js";

/** @typedef {import("./operate.js").Operate} Operate */
/** @typedef {import("./operate-wire.js").Held} Held */

const EACH_MS = 15_000;
const PAGE = 50; // entries asked for at once

export class Quarantine {
  /** @type {Asked<{entries: Held[], waiting: number}>} */ asked;
  waiting = true; // only those that wait for a ruling
  query = "";
  /** @type {Held[]} asked for one page after the other */ earlier = [];
  #o;
  #more = true; // there may be earlier ones
  #busy = false;

  /** @param {Operate} o */
  constructor(o) {
    this.#o = o;
    this.asked = new Asked(o.p, () => o.p.api.ask(this.#path("")), EACH_MS);
  }

  /** @param {string} before */
  #path(before) {
    const q = new URLSearchParams({ limit: String(PAGE), waiting: this.waiting ? "1" : "0" });
    if (before) q.set("before", before);
    return `/api/v1/operate/quarantine?${q}`;
  }

  opened() {
    void this.asked.again();
  }

  /** @param {boolean} looked */
  second(looked) {
    this.asked.second(looked);
  }

  /** Looks for a source.  @param {string} query */
  find(query) {
    this.query = query;
    this.#o.p.draw();
  }

  /** How many wait. */
  badge() {
    const n = this.asked.value?.waiting ?? 0;
    return n > 0 ? html` ${chip("watch", this.#o.words.waits(this.#o.p.f.count(n)))}` : nothing;
  }

  /** @param {boolean} waiting */
  #look(waiting) {
    this.waiting = waiting;
    this.asked.value = null;
    this.earlier = [];
    this.#more = true;
    void this.asked.again();
    this.#o.p.draw();
  }

  async #ask() {
    const last = (this.earlier.at(-1) ?? this.asked.value?.entries.at(-1))?.position;
    if (!last || this.#busy) return;
    this.#busy = true;
    this.#o.p.draw();
    try {
      const { entries } = await this.#o.p.api.ask(this.#path(last));
      this.earlier.push(...entries);
      this.#more = entries.length === PAGE;
    } catch (err) {
      this.#o.p.sayProblem(problemOf(this.#o.p, err));
    }
    this.#busy = false;
    this.#o.p.draw();
  }

  body() {
    const t = this.#o.words.quarantine;
    return html`<div class="filters">
        ${segments("ruled", t.waiting, [["1", t.waiting], ["0", t.ruledToo]], this.waiting ? "1" : "0", (v) => this.#look(v === "1"))}
        ${find("held-query", this.#o.words.search, this.#o.words.sources.searchHint, this.query, (q) => this.find(q))}
      </div>
      ${this.asked.drawn(({ entries }) => this.#list(entries))}`;
  }

  /** @param {Held[]} entries */
  #list(entries) {
    const { p, words } = this.#o;
    const t = words.quarantine;
    const newest = new Set(entries.map((e) => e.position));
    const all = [...entries, ...this.earlier.filter((e) => !newest.has(e.position))];
    const found = all.filter((e) => matches(this.query, [e.source, e.reason, e.reason_words.fa, e.reason_words.en, e.by, e.id, e.position]));
    if (all.length === 0) return html`<div class="card">${empty(t.nothing, nothing, badge("cleanliness"))}</div>`;
    return html`
      ${found.length === 0 ? empty(words.noneFound) : html`<div class="stack">${found.map((e) => this.#entry(e))}</div>`}
      ${this.#more && entries.length === PAGE
        ? html`<p class="buttons more-row">${button(p, { words: t.earlier, busy: this.#busy, drawing: "more", press: () => void this.#ask() })}</p>`
        : nothing}`;
  }

  /** @param {Held} e */
  #entry(e) {
    const { p, words } = this.#o;
    const t = words.quarantine;
    return html`<article class="card held" data-box=${`held:${e.position}`} data-key=${e.position}>
      <div class="card-head"><h2>${e.reason_words[p.lang]}</h2> ${this.#ruling(e)}</div>
      <div class="held-columns">
        <dl class="facts">
          <dt>${t.source}</dt><dd class="clamp">${name(e.source)}</dd>
          ${e.detail ? html`<dt>${t.detail}</dt><dd class="break">${name(e.detail)}</dd>` : nothing}
          <dt>${t.by}</dt><dd class="clamp">${name(e.by)}</dd>
          ${e.id ? html`<dt>${t.id}</dt><dd class="clamp">${name(e.id)}</dd>` : nothing}
          <dt>${t.position}</dt><dd><span class="code">${e.position}</span>${p.t.dot}${this.#o.ago(e.at)}</dd>
          ${e.against ? html`<dt>${t.against}</dt><dd><span class="code">${e.against}</span></dd>` : nothing}
          ${e.why ? html`<dt>${t.why}</dt><dd class="break">${name(e.why)}</dd>` : nothing}
        </dl>
        <div class="sent-room">
          <p class="small quiet">${t.sent}</p>
          <pre class="sent" dir="ltr" tabindex="0" role="region" aria-label=${`${t.sent}${p.t.dot}${e.position}`}><bdi>${pretty(e.item)}</bdi></pre>
        </div>
      </div>
      ${e.ruled
        ? nothing
        : html`<div class="buttons">
            ${e.releasable ? html`<button type="button" class="button" data-kind="main" @click=${() => this.#rule(e, "release")}>${icon("check")}${t.release}</button>` : nothing}
            <button type="button" class="button" data-kind="stop" @click=${() => this.#rule(e, "discard")}>${icon("close")}${t.discard}</button>
          </div>
          ${e.releasable ? nothing : html`<p class="hint">${t.notReleasable}</p>`}`}
    </article>`;
  }

  /** @param {Held} e */
  #ruling(e) {
    const { p, words } = this.#o;
    const t = words.quarantine;
    if (!e.ruled) return chip("watch", t.waitsHere);
    const who = e.ruled_by ? apart(e.ruled_by.name) : words.unknown;
    const when = e.ruled_at ? this.#o.ago(e.ruled_at) : "";
    return tag(e.ruled === "released" ? t.released(who, when) : t.discarded(who, when), e.ruled === "released" ? "check" : "close");
  }

  /** Who ruled before, and why.  @param {Held} e */
  #first(e) {
    const t = this.#o.words.quarantine;
    return html`<div class="card told"><p class="strong">${t.already}</p><p>${this.#ruling(e)}</p>${e.why ? html`<p class="clamp">${name(e.why)}</p>` : nothing}</div>`;
  }

  /** Asks for the reason, and rules.  @param {Held} e  @param {"release"|"discard"} verb */
  #rule(e, verb) {
    const { p, words } = this.#o;
    const t = words.quarantine;
    const act = new Act(p);
    let wrong = "";
    const first = () => /** @type {Held|undefined} */ (act.problem?.answer?.entry); // of somebody who ruled before
    const send = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const why = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("why") ?? "").trim();
      wrong = why ? "" : t.whyMissing;
      if (wrong) {
        p.draw();
        return;
      }
      const done = await act.send(`/api/v1/operate/quarantine/${encodeURIComponent(e.position)}`, { do: verb, why });
      void this.asked.again();
      void this.#o.sources.asked.again();
      if (!done) return;
      p.hide();
      p.say(t.done);
    };
    p.show(() => ({
      title: verb === "release" ? t.release : t.discard,
      body: html`<form class="form" @submit=${send}>
        ${act.problem ? html`${failed(p, act.problem)} ${first() ? this.#first(/** @type {Held} */ (first())) : nothing}` : nothing}
        <p class="clamp">${name(e.source)}</p>
        <p>${verb === "release" ? t.releaseWhy : t.discardWhy} ${t.named(apart(p.session?.person?.name ?? ""))}</p>
        ${field({
          id: "why", label: t.why, hint: t.whyHint, wrong,
          control: html`<textarea class="input" id="why" name="why" maxlength="1000" aria-describedby="why-about" aria-invalid=${wrong ? "true" : "false"}></textarea>`,
        })}
        <div class="buttons" data-end="yes">
          <button type="button" class="button" @click=${p.hide}>${p.t.cancel}</button>
          ${act.problem?.status === 409 ? nothing : button(p, { words: verb === "release" ? t.releaseNow : t.discardNow, busy: act.busy, kind: verb === "release" ? "main" : "stop" })}
        </div>
      </form>`,
    }));
  }
}
