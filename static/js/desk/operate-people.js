// Who may sign in, and what they may do. Shown to administrators only.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { Act, Asked } from "./operate-asked.js";
import { apart, loginFits, newPassword } from "./operate-model.js";
import { once } from "./operate-once.js";
import { button, chip, failed, field, name, select, table } from "./parts.js";
import { icon } from "./shapes.js";

/** @typedef {import("./operate.js").Operate} Operate */
/** @typedef {import("./operate-wire.js").Person} Person */
/** @typedef {import("./operate-wire.js").Role} Role */

/** @type {Role[]} */
const ROLES = ["viewer", "department", "media", "operator", "admin"];
const EACH_MS = 30_000;

export class People {
  /** @type {Asked<{people: Person[]}>} */ asked;
  #o;

  /** @param {Operate} o */
  constructor(o) {
    this.#o = o;
    this.asked = new Asked(o.p, () => o.p.api.ask("/api/v1/people"), EACH_MS);
  }

  opened() {
    void this.asked.again();
  }

  /** @param {boolean} looked */
  second(looked) {
    if (looked) this.asked.second(looked);
  }

  body() {
    const t = this.#o.words.people;
    return html`<p class="buttons tab-buttons"><button type="button" class="button" data-kind="main" @click=${() => this.#form(null)}>${icon("plus")}${t.add}</button></p>
      ${this.asked.drawn(({ people }) => html`<div class="card">${table({
        label: this.#o.words.tabs.people, head: [t.name, t.role, t.departments, t.seen, t.acts],
        rows: people.toSorted((a, b) => Number(a.ended_at !== null) - Number(b.ended_at !== null)),
        cells: (x) => this.#cells(x), key: (x) => x.id,
      })}</div>`)}`;
  }

  /** @param {Person} x */
  #cells(x) {
    const { p, words } = this.#o;
    const t = words.people;
    return [
      html`<span class="two-lines"><span class="clamp">${name(x.name)}</span><span class="code quiet clamp">${x.login}</span></span>`,
      p.t.role[x.role],
      x.role === "department" ? html`<span>${x.departments.map((d, i) => html`${i > 0 ? p.t.and : ""}<bdi>${this.#o.departmentName(d)}</bdi>`)}</span>` : "",
      html`<span class="two-lines"><span>${x.last_seen_at ? this.#o.ago(x.last_seen_at) : words.never}</span>
        <span class="small quiet">${x.sessions > 0 ? t.sessions(p.f.count(x.sessions)) : t.noSession}</span></span>`,
      x.ended_at
        ? chip("none", t.ended(p.f.dateOf(Date.parse(x.ended_at))))
        : html`<span class="acts">
            <button type="button" class="button" data-kind="plain" aria-label=${t.changeOf(apart(x.name))} @click=${() => this.#form(x)}>${t.change}</button>
            <button type="button" class="button" data-kind="plain" aria-label=${t.resetOf(apart(x.name))} @click=${() => this.#reset(x)}>${t.reset}</button>
            <button type="button" class="button" data-kind="stop" aria-label=${t.endOf(apart(x.name))} @click=${() => this.#end(x)}>${t.end}</button></span>`,
    ];
  }

  /** Adds a person, or changes one.  @param {Person|null} person */
  #form(person) {
    const { p, words } = this.#o;
    const t = words.people;
    const act = new Act(p);
    const password = person ? "" : newPassword((b) => crypto.getRandomValues(b));
    let was = person;
    let came = false; // it was changed by somebody else meanwhile
    let whose = "";
    const said = {
      login: person?.login ?? "", name: person?.name ?? "", role: /** @type {Role} */ (person?.role ?? "viewer"),
      departments: new Set(person?.departments ?? []), lang: person?.lang ?? p.lang,
    };
    /** @type {{name?: string, login?: string, departments?: string}} */
    let wrong = {};
    const send = async (/** @type {SubmitEvent} */ e) => {
      e.preventDefault();
      wrong = {
        name: said.name.trim() ? "" : t.needName,
        login: loginFits(said.login) ? "" : t.needLogin,
        departments: said.role === "department" && said.departments.size === 0 ? t.needDepartment : "",
      };
      if (wrong.name || wrong.login || wrong.departments) {
        p.draw();
        return;
      }
      const profile = { login: said.login, name: said.name.trim(), role: said.role, departments: said.role === "department" ? [...said.departments] : [], lang: said.lang };
      const done = was ? await act.send(`/api/v1/people/${was.id}`, { expects: was.version, ...profile }) : await act.send("/api/v1/people", { ...profile, password });
      void this.asked.again();
      if (done && was) {
        p.hide();
        p.say(t.saved);
      } else if (done) once(this.#o, t.passwordOf(apart(profile.name)), password, t.once);
      const now = /** @type {Person|undefined} */ (act.problem?.answer?.person);
      if (act.problem?.code === "changed" && now) {
        was = now;
        came = true;
        whose = act.problem.answer.since?.[0]?.by?.name ?? "";
        Object.assign(said, { login: now.login, name: now.name, role: now.role, departments: new Set(now.departments), lang: now.lang });
        act.problem = null;
        p.draw();
      }
    };
    p.show(() => ({
      title: person ? html`<span class="clamp">${t.changeOf(apart(person.name))}</span>` : t.add,
      body: html`<form class="form" novalidate @submit=${send}>
        ${act.problem ? failed(p, act.problem) : nothing}
        ${came ? html`<div class="card told" role="alert"><p class="strong">${t.changed}</p>${whose ? html`<p class="clamp">${t.changedBy(apart(whose))}</p>` : nothing}<p>${t.changedNow}</p></div>` : nothing}
        ${this.#text("name", t.name, said.name, "auto", wrong.name, (v) => {
          said.name = v;
          wrong.name = "";
        })}
        ${this.#text("login", t.login, said.login, "ltr", wrong.login, (v) => {
          said.login = v.trim().toLowerCase();
          wrong.login = "";
        }, t.loginHint)}
        ${select({ id: "person-role", label: t.role, value: said.role, options: ROLES.map((r) => [r, p.t.role[r]]), pick: (v) => {
          said.role = ROLES.find((r) => r === v) ?? "viewer";
          p.draw();
        } })}
        <p class="hint">${t.roleWhat[said.role]}</p>
        ${said.role === "department" ? this.#departments(said.departments, wrong.departments) : nothing}
        ${select({ id: "person-lang", label: t.lang, value: said.lang, options: [["fa", t.langs.fa], ["en", t.langs.en]], pick: (v) => (said.lang = v) })}
        <div class="buttons" data-end="yes"><button type="button" class="button" @click=${p.hide}>${p.t.cancel}</button>
          ${button(p, { words: person ? t.save : t.addNow, busy: act.busy, kind: "main" })}</div>
      </form>`,
    }));
  }

  /**
   * @param {string} id  @param {string} label  @param {string} value  @param {"auto"|"ltr"} dir  @param {string|undefined} wrong
   * @param {(value: string) => void} type  @param {string} [hint]
   */
  #text(id, label, value, dir, wrong, type, hint) {
    return field({
      id: `person-${id}`, label, hint, wrong,
      control: html`<input class="input" id=${`person-${id}`} dir=${dir} autocomplete="off" maxlength=${id === "login" ? 40 : 100} .value=${value}
        aria-describedby=${`person-${id}-about`} aria-invalid=${wrong ? "true" : "false"} @input=${(/** @type {Event} */ e) => type(/** @type {HTMLInputElement} */ (e.target).value)}>`,
    });
  }

  /** @param {Set<string>} chosen  @param {string|undefined} wrong */
  #departments(chosen, wrong) {
    const { p, words } = this.#o;
    const all = this.#o.departments.value?.departments ?? [];
    const press = (/** @type {string} */ id) => () => {
      if (!chosen.delete(id)) chosen.add(id);
      p.draw();
    };
    return html`<fieldset class="field"><legend class="label">${words.people.departments}</legend>
      <div class="choices">${all.map((d) => html`<label class="choice"><input type="checkbox" .checked=${chosen.has(d.id)} @change=${press(d.id)}><span>${name(d.name[p.lang])}</span></label>`)}</div>
      ${wrong ? html`<p class="wrong" role="alert">${wrong}</p>` : nothing}
    </fieldset>`;
  }

  /** A new password, shown once.  @param {Person} x */
  #reset(x) {
    const t = this.#o.words.people;
    const password = newPassword((b) => crypto.getRandomValues(b));
    this.#confirm(t.resetOf(apart(x.name)), t.resetWarns, t.resetNow, "main", `/api/v1/people/${x.id}/password`, { password }, () => once(this.#o, t.passwordOf(apart(x.name)), password, t.once));
  }

  /** @param {Person} x */
  #end(x) {
    const { p, words } = this.#o;
    const t = words.people;
    this.#confirm(t.endOf(apart(x.name)), t.endWarns, t.endNow, "stop", `/api/v1/people/${x.id}/end`, { expects: x.version }, () => {
      p.hide();
      p.say(t.gone);
    });
  }

  /**
   * @param {string} title  @param {string} warns  @param {string} words  @param {"main"|"stop"} kind  @param {string} path  @param {object} body  @param {() => void} then
   */
  #confirm(title, warns, words, kind, path, body, then) {
    const { p } = this.#o;
    const act = new Act(p);
    const send = async (/** @type {SubmitEvent} */ e) => {
      e.preventDefault();
      const done = await act.send(path, body);
      void this.asked.again();
      if (done) then();
    };
    p.show(() => ({
      title: html`<span class="clamp">${title}</span>`,
      body: html`<form class="form" @submit=${send}>
        ${act.problem ? failed(p, act.problem) : nothing}
        <p>${warns}</p>
        <div class="buttons" data-end="yes"><button type="button" class="button" @click=${p.hide}>${p.t.cancel}</button>${button(p, { words, busy: act.busy, kind })}</div>
      </form>`,
    }));
  }
}
