// The tokens of devices, displays and programs: listed, made and shown once, renewed, revoked.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { find } from "./choices.js";
import { matches, whole } from "./find.js";
import { Act, Asked } from "./operate-asked.js";
import { apart } from "./operate-model.js";
import { once } from "./operate-once.js";
import { button, chip, empty, failed, field, name, select, table, waiting, wordsDir } from "./parts.js";
import { icon } from "./shapes.js";

/** @typedef {import("./operate.js").Operate} Operate */
/** @typedef {import("./operate-wire.js").Token} Token */
/** @typedef {import("./operate-wire.js").TokenClass} TokenClass */
/** @typedef {{id: string, name: import("../wire.js").Text}} Choice */

/** @type {TokenClass[]} */
const CLASSES = ["source", "display", "media"];
const EACH_MS = 30_000;
const SHOWN = 3; // of what a token opens, in the list
const SOON_S = 7 * 86_400; // an end so near is marked
const MOST_DAYS = 3660;
/** Days that a token holds where nothing is said; 0: until it is revoked.  @type {Record<TokenClass, number>} */
const USUAL_DAYS = { source: 0, display: 365, media: 90 };

/** @param {string} text  @returns {number|null} days; 0 where nothing is said, null where it is no number of days */
function daysIn(text) {
  if (!text.trim()) return 0;
  const days = whole(text);
  return days === null || days < 1 || days > MOST_DAYS ? null : days;
}

export class Tokens {
  /** @type {Asked<{tokens: Token[]}>} */ asked;
  /** @type {Asked<{indicators: (Choice & {theme: string})[]}>} */ indicators;
  #o;

  /** @param {Operate} o */
  constructor(o) {
    this.#o = o;
    this.asked = new Asked(o.p, () => o.p.api.ask("/api/v1/tokens"), EACH_MS);
    this.indicators = new Asked(o.p, () => o.p.api.ask("/api/v1/indicators"), 600_000);
  }

  opened() {
    void this.asked.again();
    this.indicators.begin();
    this.#o.sources.asked.begin();
  }

  /** @param {boolean} looked */
  second(looked) {
    if (looked) this.asked.second(looked);
  }

  body() {
    const t = this.#o.words.tokens;
    return html`<p class="buttons tab-buttons"><button type="button" class="button" data-kind="main" @click=${() => this.#make()}>${icon("plus")}${t.add}</button></p>
      ${this.asked.drawn(({ tokens }) =>
        tokens.length === 0
          ? html`<div class="card">${empty(t.none)}</div>`
          : html`<div class="card">${table({
              label: this.#o.words.tabs.tokens, head: [t.name, t.cls, t.opens, t.expires, t.used, t.by, t.act], rows: tokens, cells: (x) => this.#cells(x), key: (x) => x.id,
            })}</div>`)}`;
  }

  /** @param {Token} x */
  #cells(x) {
    const { p, words } = this.#o;
    const t = words.tokens;
    const left = x.expires_at ? Math.floor((Date.parse(x.expires_at) - p.api.now) / 1000) : null;
    return [
      html`<span class="two-lines"><span class="clamp">${name(x.name)}</span><span class="code quiet clamp">${x.id}</span></span>`,
      html`<span class="two-lines"><span>${t.classes[x.class]}</span>${x.strict || x.backfill ? html`<span class="small quiet">${[x.strict ? t.strict : "", x.backfill ? t.backfill : ""].filter(Boolean).join(p.t.dot)}</span>` : nothing}</span>`,
      x.opens.length === 0
        ? t.opensAll[x.class]
        : html`<span class="opens" title=${x.opens.length > SHOWN ? x.opens.join("\n").slice(0, 2000) : nothing}>${x.opens.slice(0, SHOWN).map((id) => html`<span class="code clamp">${id}</span>`)}
            ${x.opens.length > SHOWN ? html`<span class="small quiet">${t.more(p.f.count(x.opens.length - SHOWN))}</span>` : nothing}</span>`,
      left === null ? t.noExpiry : left <= 0 ? chip("none", t.expired) : left < SOON_S ? chip("watch", t.expiresIn(p.f.span(left))) : t.expiresIn(p.f.about(left)),
      x.last_used_at ? this.#o.ago(x.last_used_at) : t.unused,
      html`<span class="clamp">${name(x.by)}</span>`,
      html`<span class="acts">
        ${x.expires_at ? html`<button type="button" class="button" data-kind="plain" aria-label=${t.renewOf(apart(x.name))} @click=${() => this.#renew(x)}>${t.renew}</button>` : nothing}
        <button type="button" class="button" data-kind="stop" aria-label=${t.revokeOf(apart(x.name))} @click=${() => this.#revoke(x)}>${t.revoke}</button></span>`,
    ];
  }

  /** What a token of the class may open.  @param {TokenClass} cls  @returns {Choice[]} */
  #choices(cls) {
    const o = this.#o;
    if (cls === "source") return o.sources.asked.value?.sources ?? [];
    if (cls === "media") return (this.indicators.value?.indicators ?? []).filter((i) => i.theme === "visitors");
    return (o.p.session?.pages ?? []).filter((l) => l.kind === "wall").map((l) => ({ id: decodeURIComponent(l.href.replace("/wall/", "")), name: l.name }));
  }

  /** Whether that is not known yet.  @param {TokenClass} cls */
  #waits(cls) {
    return (cls === "source" && this.#o.sources.asked.value === null) || (cls === "media" && this.indicators.value === null);
  }

  #make() {
    const { p, words } = this.#o;
    const t = words.tokens;
    const act = new Act(p);
    const said = { name: "", cls: /** @type {TokenClass} */ ("source"), opens: /** @type {Set<string>} */ (new Set()), strict: false, backfill: false, days: "", query: "" };
    /** @type {{name?: string, opens?: string, days?: string}} */
    let wrong = {};
    const send = async (/** @type {SubmitEvent} */ e) => {
      e.preventDefault();
      const days = daysIn(said.days);
      wrong = {
        name: said.name.trim() ? "" : t.needName,
        opens: said.cls !== "media" && said.opens.size === 0 ? t.needOpens : "",
        days: days === null ? t.daysBad(p.f.count(MOST_DAYS)) : "",
      };
      if (wrong.name || wrong.opens || wrong.days) {
        p.draw();
        return;
      }
      const source = said.cls === "source";
      const done = await act.send("/api/v1/tokens", { name: said.name.trim(), class: said.cls, opens: [...said.opens], strict: source && said.strict, backfill: source && said.backfill, days });
      void this.asked.again();
      if (done) once(this.#o, t.made(apart(said.name.trim())), done.body.token, t.once);
    };
    /** @param {string} id  @param {string} label  @param {string} value  @param {string} hint  @param {string|undefined} bad  @param {(v: string) => void} type  @param {"numeric"|"text"} mode */
    const text = (id, label, value, hint, bad, type, mode) =>
      field({
        id: `token-${id}`, label, hint, wrong: bad,
        control: html`<input class="input" id=${`token-${id}`} autocomplete="off" dir=${wordsDir(p, value)} inputmode=${mode} maxlength="100" .value=${value} aria-describedby=${`token-${id}-about`}
          aria-invalid=${bad ? "true" : "false"} @input=${(/** @type {Event} */ e) => type(/** @type {HTMLInputElement} */ (e.target).value)}>`,
      });
    /** @param {"strict"|"backfill"} key */
    const tick = (key) => html`<label class="choice"><input type="checkbox" .checked=${said[key]} @change=${() => (said[key] = !said[key])}>
      <span><span class="strong">${t[key]}</span><br><span class="hint">${key === "strict" ? t.strictWhy : t.backfillWhy}</span></span></label>`;
    p.show(() => ({
      title: t.add,
      body: html`<form class="form" novalidate @submit=${send}>
        ${act.problem ? failed(p, act.problem) : nothing}
        ${text("name", t.name, said.name, t.nameHint, wrong.name, (v) => {
          said.name = v;
          wrong.name = "";
        }, "text")}
        ${select({ id: "token-class", label: t.cls, value: said.cls, options: CLASSES.map((c) => [c, t.classes[c]]), pick: (v) => {
          said.cls = CLASSES.find((c) => c === v) ?? "source";
          said.opens.clear();
          said.query = "";
          p.draw();
        } })}
        <p class="hint">${t.classWhat[said.cls]}</p>
        ${this.#opens(said, wrong.opens)}
        ${said.cls === "source" ? [tick("strict"), tick("backfill")] : nothing}
        ${text("days", t.days, said.days, USUAL_DAYS[said.cls] ? t.daysUsual(p.f.count(USUAL_DAYS[said.cls])) : t.daysOpen, wrong.days, (v) => {
          said.days = v;
          wrong.days = "";
        }, "numeric")}
        <div class="buttons" data-end="yes"><button type="button" class="button" @click=${p.hide}>${p.t.cancel}</button>
          ${button(p, { words: t.make, busy: act.busy, kind: "main" })}</div>
      </form>`,
    }));
  }

  /** @param {{cls: TokenClass, opens: Set<string>, query: string}} said  @param {string|undefined} wrong */
  #opens(said, wrong) {
    const { p, words } = this.#o;
    const t = words.tokens;
    const all = this.#choices(said.cls);
    const found = all.filter((c) => said.opens.has(c.id) || matches(said.query, [c.name.fa, c.name.en, c.id]));
    const press = (/** @type {string} */ id) => () => {
      if (!said.opens.delete(id)) said.opens.add(id);
      p.draw();
    };
    return html`<fieldset class="field"><legend class="label">${t.opens}</legend>
      <p class="hint">${t.opensWhat[said.cls]}${p.t.dot}${t.chosen(p.f.count(said.opens.size))}</p>
      ${all.length > 8 ? find("token-filter", t.filter, t.filter, said.query, (q) => {
        said.query = q;
        p.draw();
      }) : nothing}
      ${this.#waits(said.cls) ? waiting(p, 2) : nothing}
      <div class="choices" data-long=${all.length > 8 ? "yes" : "no"}>${found.map((c) => html`<label class="choice"><input type="checkbox" .checked=${said.opens.has(c.id)} @change=${press(c.id)}>
        <span class="two-lines"><span class="clamp">${name(c.name[p.lang])}</span><span class="code quiet clamp">${c.id}</span></span></label>`)}</div>
      ${wrong ? html`<p class="wrong" role="alert">${wrong}</p>` : nothing}
    </fieldset>`;
  }

  /** @param {Token} x */
  #renew(x) {
    const { p, words } = this.#o;
    const t = words.tokens;
    const act = new Act(p);
    let said = "";
    let wrong = "";
    const usual = USUAL_DAYS[x.class];
    const send = async (/** @type {SubmitEvent} */ e) => {
      e.preventDefault();
      const days = daysIn(said);
      wrong = days === null || (days === 0 && usual === 0) ? t.daysBad(p.f.count(MOST_DAYS)) : "";
      if (wrong) {
        p.draw();
        return;
      }
      const done = await act.send(`/api/v1/tokens/${encodeURIComponent(x.id)}/renew`, { days });
      void this.asked.again();
      if (!done) return;
      p.hide();
      p.say(t.renewed(p.f.dateOf(Date.parse(done.body.expires_at))));
    };
    p.show(() => ({
      title: html`<span class="clamp">${t.renewOf(apart(x.name))}</span>`,
      body: html`<form class="form" novalidate @submit=${send}>
        ${act.problem ? failed(p, act.problem) : nothing}
        <p>${t.renewWhat}</p>
        ${field({
          id: "renew-days", label: t.renewDays, hint: usual ? t.daysUsual(p.f.count(usual)) : "", wrong,
          control: html`<input class="input" id="renew-days" autocomplete="off" inputmode="numeric" maxlength="100" dir=${wordsDir(p, said)} .value=${said} aria-describedby="renew-days-about"
            aria-invalid=${wrong ? "true" : "false"} @input=${(/** @type {Event} */ e) => {
              said = /** @type {HTMLInputElement} */ (e.target).value;
              wrong = "";
            }}>`,
        })}
        <div class="buttons" data-end="yes"><button type="button" class="button" @click=${p.hide}>${p.t.cancel}</button>${button(p, { words: t.renewNow, busy: act.busy, kind: "main" })}</div>
      </form>`,
    }));
  }

  /** @param {Token} x */
  #revoke(x) {
    const { p, words } = this.#o;
    const t = words.tokens;
    const act = new Act(p);
    let wrong = "";
    const send = async (/** @type {SubmitEvent} */ e) => {
      e.preventDefault();
      const why = String(new FormData(/** @type {HTMLFormElement} */ (e.target)).get("why") ?? "").trim();
      wrong = why ? "" : words.quarantine.whyMissing;
      if (wrong) {
        p.draw();
        return;
      }
      const done = await act.send(`/api/v1/tokens/${encodeURIComponent(x.id)}/revoke`, { why });
      void this.asked.again();
      if (!done) return;
      p.hide();
      p.say(t.revoked);
    };
    p.show(() => ({
      title: html`<span class="clamp">${t.revokeOf(apart(x.name))}</span>`,
      body: html`<form class="form" @submit=${send}>
        ${act.problem ? failed(p, act.problem) : nothing}
        <p>${t.revokeWarns}</p>
        ${field({
          id: "why", label: words.quarantine.why, hint: words.quarantine.whyHint, wrong,
          control: html`<textarea class="input" id="why" name="why" maxlength="1000" aria-describedby="why-about" aria-invalid=${wrong ? "true" : "false"}></textarea>`,
        })}
        <div class="buttons" data-end="yes"><button type="button" class="button" @click=${p.hide}>${p.t.cancel}</button>${button(p, { words: t.revokeNow, busy: act.busy, kind: "stop" })}</div>
      </form>`,
    }));
  }
}
