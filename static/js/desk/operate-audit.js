// Who did what and when, in the order of the journal.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { find } from "./choices.js";
import { Asked, problemOf } from "./operate-asked.js";
import { apart } from "./operate-model.js";
import { button, empty, name, select, table, wordsDir } from "./parts.js";
import { icon, shape } from "./shapes.js";

/** @typedef {import("./operate.js").Operate} Operate */
/** @typedef {import("./operate-wire.js").Line} Line */

const PAGE = 100; // lines asked for at once
const EACH_MS = 30_000;
const TYPING_MS = 350; // pause in typing after which it is asked

export class Audit {
  /** @type {Asked<{records: Line[]}>} */ asked;
  want = { by: "", do: "", on: "", text: "" };
  /** @type {Line[]} asked for one page after the other */ earlier = [];
  /** @type {Map<string, string>} names by id, of all who were seen */ #names = new Map();
  #o;
  #more = true;
  #busy = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #typing;

  /** @param {Operate} o */
  constructor(o) {
    this.#o = o;
    this.asked = new Asked(o.p, async () => {
      const answer = await o.p.api.ask(this.#path({ limit: String(PAGE) }));
      this.#learn(answer.records);
      return answer;
    }, EACH_MS);
  }

  /** @param {Record<string, string>} more */
  #path(more) {
    const q = new URLSearchParams(more);
    for (const [key, value] of Object.entries(this.want)) if (value.trim()) q.set(key, value.trim());
    return `/api/v1/audit?${q}`;
  }

  /** @param {Line[]} records */
  #learn(records) {
    for (const r of records) if (r.by) this.#names.set(r.by.id, r.by.name || r.by.id);
  }

  opened() {
    void this.asked.again();
    if (this.#o.tabs.includes("people")) this.#o.people.asked.begin();
  }

  /** Asked again only while nobody has gone further back.  @param {boolean} looked */
  second(looked) {
    if (looked && this.earlier.length === 0) this.asked.second(true);
  }

  /** @param {Partial<Audit["want"]>} change  @param {number} [wait] ms */
  #look(change, wait = 0) {
    Object.assign(this.want, change);
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.earlier = [];
      this.#more = true;
      void this.asked.again();
    }, wait);
    this.#o.p.draw();
  }

  async #ask() {
    const last = (this.earlier.at(-1) ?? this.asked.value?.records.at(-1))?.position;
    if (!last || this.#busy) return;
    this.#busy = true;
    this.#o.p.draw();
    try {
      const { records } = await this.#o.p.api.ask(this.#path({ limit: String(PAGE), before: last }));
      this.#learn(records);
      this.earlier.push(...records);
      this.#more = records.length === PAGE;
    } catch (err) {
      this.#o.p.sayProblem(problemOf(this.#o.p, err));
    }
    this.#busy = false;
    this.#o.p.draw();
  }

  body() {
    const { p, words } = this.#o;
    const t = words.audit;
    for (const x of this.#o.people.asked.value?.people ?? []) this.#names.set(x.id, x.name);
    const groups = Object.entries(t.groups).map(([id, w]) => /** @type {[string, string]} */ ([id === "export" ? id : `${id}.`, w]));
    const verbs = Object.entries(t.verbs).filter(([id]) => id.includes(".")).map(([id, w]) => /** @type {[string, string]} */ ([id, `\u00a0\u00a0${w}`]));
    const options = groups.flatMap((g) => [g, ...verbs.filter(([id]) => id.startsWith(g[0]))]);
    return html`<div class="filters">
        ${select({ id: "audit-by", label: t.person, value: this.want.by, options: [["", t.anyone], ...[...this.#names].map(([id, n]) => /** @type {[string, string]} */ ([id, n.slice(0, 60)]))], pick: (by) => this.#look({ by }) })}
        ${select({ id: "audit-do", label: t.verb, value: this.want.do, options: [["", t.anything], ...options], pick: (v) => this.#look({ do: v }) })}
        <div class="field"><label for="audit-on">${t.subject}</label>
          <input class="input" id="audit-on" dir=${wordsDir(p, this.want.on)} autocomplete="off" placeholder=${t.subjectHint} .value=${this.want.on} @input=${(/** @type {Event} */ e) => this.#look({ on: /** @type {HTMLInputElement} */ (e.target).value }, TYPING_MS)}></div>
        <div class="field"><span class="label" aria-hidden="true">${t.text}</span>${find("audit-text", t.text, t.textHint, this.want.text, (text) => this.#look({ text }, TYPING_MS))}</div>
        <a class="button push" href=${this.#path({ format: "csv" })} download>${icon("save")}${t.csv}</a>
      </div>
      ${this.asked.drawn(({ records }) => this.#list(p, records))}`;
  }

  /** @param {import("./page.js").Page} p  @param {Line[]} records */
  #list(p, records) {
    const { words } = this.#o;
    const t = words.audit;
    const all = [...records, ...this.earlier];
    if (all.length === 0) return html`<div class="card">${empty(t.none)}</div>`;
    return html`<div class="card">${table({ label: words.tabs.audit, head: [t.when, t.who, t.did, t.on, t.note], rows: all, cells: (r) => this.#cells(r) })}</div>
      <p class="buttons more-row">${records.length === PAGE && this.#more
        ? button(p, { words: t.more, busy: this.#busy, drawing: "more", press: () => void this.#ask() })
        : html`<span class="quiet">${t.end}</span>`}</p>`;
  }

  /** @param {Line} r */
  #cells(r) {
    const { p, words } = this.#o;
    const t = words.audit;
    const ms = Date.parse(r.at);
    const verb = r.do || r.kind;
    return [
      html`<span class="two-lines"><span>${p.f.dateTime(ms)}</span><time class="code quiet" datetime=${r.at}>${new Date(ms).toISOString().replace(/\.\d+/, "")}</time></span>`,
      html`<span class="clamp">${r.by ? name(r.by.name || r.by.id) : t.machine}</span>`,
      html`<span class="two-lines"><span>${look(t.verbs, verb)}${r.to ? ` ${t.to(apart(this.#names.get(r.to) ?? r.to))}` : nothing}</span>
        ${r.refused ? html`<span class="small refused">${shape("alert")}${t.refused(look(t.refusals, r.refused))}</span>` : nothing}</span>`,
      this.#on(r.on),
      r.note || r.from ? html`<span class="two-lines">${r.note ? html`<span class="clamp">${name(r.note)}</span>` : nothing}${r.from ? html`<span class="small quiet">${t.from} <bdi class="code">${r.from}</bdi></span>` : nothing}</span>` : "",
    ];
  }

  /** A person by name, all else by its id.  @param {string} on */
  #on(on) {
    const known = this.#names.get(on);
    if (known) return html`<span class="clamp">${name(known)}</span>`;
    return on ? html`<span class="two-lines"><span class="code clamp">${on}</span></span>` : "";
  }
}

/** @param {Record<string, string>} words  @param {string} key  @returns {string} the key itself where there is no word for it */
const look = (words, key) => words[key] ?? key;
