// Signing in: of people by login and password, of displays by the key in the fragment
// of the address, which no server ever logs.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { Problem, ownPath } from "./api.js";
import { boot } from "./page.js";
import { failed, field } from "./parts.js";
import { foldDigits } from "./fold.js";
import { icon, mark, shape } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */

const next = ownPath(new URLSearchParams(location.search).get("next"), location.origin);

const s = {
  busy: false,
  seen: false, // the password is shown
  login: "",
  password: "",
  wrong: false,
  until: 0, // monotonic ms before which another try makes no sense
  waited: false,
  display: "", // the key of a display that is being let in
  /** @type {Problem|null} */ problem: null,
};

/** @param {Page} p  @param {SubmitEvent} e */
async function signIn(p, e) {
  e.preventDefault();
  if (s.busy || left() > 0) return;
  s.busy = true;
  Object.assign(s, { wrong: false, waited: false, problem: null });
  p.draw();
  try {
    await p.api.send("/api/v1/session", { login: foldDigits(s.login).trim().toLowerCase(), password: s.password }, { stay: true });
    location.replace(next);
  } catch (err) {
    const problem = err instanceof Problem ? err : new Problem(500);
    s.busy = false;
    if (problem.status === 429) {
      s.until = performance.now() + Math.max(1, problem.retry) * 1000;
      s.waited = true;
    } else if (problem.status === 401) s.wrong = true;
    else s.problem = problem;
    p.draw();
    if (s.wrong) requestAnimationFrame(() => /** @type {HTMLInputElement|null} */ (document.getElementById("password"))?.select());
  }
}

/** @returns {number} whole seconds until the next try */
const left = () => Math.max(0, Math.ceil((s.until - performance.now()) / 1000));

/** Lets a display in by its key.  @param {Page} p */
async function display(p) {
  const key = s.display;
  s.problem = null;
  p.draw();
  try {
    const answer = (await p.api.send("/api/v1/session/display", { key }, { stay: true })).body;
    location.replace(next !== "/" || !answer?.screens?.[0] ? next : `/wall/${encodeURIComponent(answer.screens[0])}`);
  } catch (err) {
    const problem = err instanceof Problem ? err : new Problem(500);
    if (problem.code === "offline") setTimeout(() => void display(p), 5_000); // a display stands there alone
    else s.display = "";
    s.problem = problem.code === "offline" ? problem : new Problem(problem.status, { title: p.t.signin.displayWrong, detail: p.t.signin.displayHint, request_id: problem.id });
    p.draw();
  }
}

/** @param {Page} p */
function body(p) {
  const person = p.session?.person;
  return html`<section class="card gate" aria-labelledby="gate-title">
    <div class="gate-mark">${mark()}</div>
    <h1 id="gate-title">${p.t.signin.title}</h1>
    ${s.display
      ? html`<p role="status">${p.t.signin.display}</p>${s.problem ? failed(p, s.problem) : nothing}`
      : html`<p class="lead">${p.session?.demo ? p.t.signin.demo : p.t.signin.lead}</p>
          ${person ? html`<p class="card told">${p.t.signin.already(person.name)} <a href=${next}>${p.t.signin.goOn}</a></p>` : nothing}
          ${p.session?.demo ? nothing : form(p)}`}
  </section>`;
}

/** @param {Page} p */
function form(p) {
  const wait = left();
  const wrong = s.wrong ? "true" : "false";
  return html`<form class="form" novalidate @submit=${(/** @type {SubmitEvent} */ e) => void signIn(p, e)}>
    <div role="alert">${s.wrong
      ? html`<div class="card failed" id="gate-wrong"><p class="strong row">${shape("alert")}<span>${p.t.signin.wrong}</span></p><p>${p.t.signin.wrongHint}</p></div>`
      : s.problem ? failed(p, s.problem) : nothing}</div>
    ${s.waited ? html`<p class="card told" role="status">${wait > 0 ? p.t.signin.wait(p.f.span(wait)) : p.t.signin.waitOver}</p>` : nothing}
    ${field({
      id: "login", label: p.t.signin.login,
      control: html`<input class="input" id="login" name="login" dir="ltr" autocomplete="username" autocapitalize="none" spellcheck="false" required aria-describedby="login-about" aria-invalid=${wrong}
        .value=${s.login} @input=${(/** @type {Event} */ e) => (s.login = /** @type {HTMLInputElement} */ (e.target).value)}>`,
    })}
    ${field({
      id: "password", label: p.t.signin.password,
      control: html`<div class="with-button"><input class="input" id="password" name="password" dir="ltr" type=${s.seen ? "text" : "password"} autocomplete="current-password" autocapitalize="none" spellcheck="false" required aria-describedby="password-about" aria-invalid=${wrong}
          .value=${s.password} @input=${(/** @type {Event} */ e) => (s.password = /** @type {HTMLInputElement} */ (e.target).value)}>
        <button type="button" class="button" aria-pressed=${s.seen ? "true" : "false"} aria-label=${p.t.password.show} @click=${() => {
          s.seen = !s.seen;
          p.draw();
        }}>${icon(s.seen ? "hide" : "eye")}</button></div>`,
    })}
    <button class="button" data-kind="main" aria-disabled=${s.busy || wait > 0 ? "true" : nothing} aria-busy=${s.busy ? "true" : nothing}>${s.busy ? p.t.sending : p.t.signin.go}</button>
  </form>`;
}

const page = boot({ open: true, atOnce: true, body });
if (page && location.hash.startsWith("#rsd_")) {
  s.display = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search); // the key does not stay in the address
  void display(page);
}
