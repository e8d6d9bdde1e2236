// The first administrator: asked for once, with the code that stands on the console.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { Problem } from "./api.js";
import { foldDigits, foldLetters } from "./fold.js";
import { boot } from "./page.js";
import { button, failed, field } from "./parts.js";
import { SHORTEST } from "./password.js";
import { icon, mark } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */

/** @typedef {"code"|"login"|"name"|"password"|"same"} Field */

const s = {
  busy: false,
  seen: false,
  values: { code: "", login: "", name: "", password: "", same: "" },
  /** @type {Partial<Record<Field, string>>} what is wrong with which field */ wrong: {},
  /** @type {Problem|null} */ problem: null,
};

/** @param {Page} p  @param {SubmitEvent} e */
async function begin(p, e) {
  e.preventDefault();
  if (s.busy) return;
  const v = s.values;
  const login = foldDigits(v.login).trim().toLowerCase();
  s.wrong = {
    code: v.code.trim() ? "" : p.t.required,
    login: /^[a-z0-9._-]{2,40}$/.test(login) ? "" : p.t.setup.loginHint,
    name: v.name.trim() ? "" : p.t.required,
    password: [...v.password].length >= SHORTEST ? "" : p.t.password.short(p.f.count(SHORTEST)),
    same: v.password === v.same ? "" : p.t.password.differ,
  };
  s.problem = null;
  const first = Object.entries(s.wrong).find(([, words]) => words)?.[0];
  if (first) {
    p.draw();
    requestAnimationFrame(() => document.getElementById(first)?.focus());
    return;
  }
  s.busy = true;
  p.draw();
  try {
    await p.api.send("/api/v1/setup", { code: foldDigits(v.code).trim(), login, name: foldLetters(v.name.trim()), password: v.password, lang: p.lang }, { stay: true });
    location.replace("/");
  } catch (err) {
    s.problem = err instanceof Problem ? err : new Problem(500);
    s.busy = false;
    p.draw();
  }
}

/** @param {Page} p */
function body(p) {
  const t = p.t.setup;
  return html`<section class="card gate" aria-labelledby="gate-title">
    <div class="gate-mark">${mark()}</div>
    <h1 id="gate-title">${t.title}</h1>
    <p class="lead">${t.lead}</p>
    <form class="form" novalidate @submit=${(/** @type {SubmitEvent} */ e) => void begin(p, e)}>
      ${s.problem ? failed(p, s.problem) : nothing}
      ${line("code", t.code, { dir: "ltr", autocomplete: "one-time-code" })}
      ${line("login", t.login, { dir: "ltr", autocomplete: "username", hint: t.loginHint })}
      ${line("name", t.name, { dir: "auto", autocomplete: "name" })}
      ${line("password", t.password, { dir: "ltr", autocomplete: "new-password", secret: true, hint: t.passwordHint(p.f.count(SHORTEST)) }, eye(p))}
      ${line("same", t.same, { dir: "ltr", autocomplete: "new-password", secret: true })}
      ${button(p, { words: t.go, busy: s.busy, kind: "main" })}
    </form>
  </section>`;
}

/**
 * @param {Field} id  @param {string} label
 * @param {{dir: "ltr"|"auto", autocomplete: string, secret?: boolean, hint?: string}} how  @param {unknown} [beside]
 */
function line(id, label, how, beside = nothing) {
  return field({
    id, label, hint: how.hint, wrong: s.wrong[id],
    control: html`<div class="with-button"><input class="input" id=${id} name=${id} dir=${how.dir} type=${how.secret && !s.seen ? "password" : "text"} autocomplete=${how.autocomplete} autocapitalize="none" spellcheck="false"
      required aria-describedby=${`${id}-about`} aria-invalid=${s.wrong[id] ? "true" : "false"} .value=${s.values[id]}
      @input=${(/** @type {Event} */ e) => (s.values[id] = /** @type {HTMLInputElement} */ (e.target).value)}>${beside}</div>`,
  });
}

/** Shows the passwords, or hides them.  @param {Page} p */
const eye = (p) => html`<button type="button" class="button" aria-pressed=${s.seen ? "true" : "false"} aria-label=${p.t.password.show} @click=${() => {
  s.seen = !s.seen;
  p.draw();
}}>${icon(s.seen ? "hide" : "eye")}</button>`;

boot({ open: true, atOnce: true, body });
