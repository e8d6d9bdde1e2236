// The head and the foot of every page for people.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { seasonDay } from "../calendar.js";
import { deskWording } from "../text/desk.js";
import { heart, icon, mark, shape } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */

/** @param {Page} p */
export function head(p) {
  const other = p.lang === "fa" ? "en" : "fa";
  return html`<a class="skip" href="#main" @click=${p.toMain}>${p.t.skip}</a>
  <header class="head" data-box="head">
    <div class="head-room">
      <a class="brand" href="/">
        ${mark()}<span><span class="product">${p.t.product}</span><span class="city">${p.city ? p.city.name[p.lang] : p.t.tagline}</span></span><span class="heard">${p.t.home}</span>
      </a>
      ${feast(p)} ${when(p)}
      <a class="tongue no-print" href=${p.inLang(other)} lang=${other} hreflang=${other} @click=${(/** @type {Event} */ e) => p.speak(other, e)}>${deskWording(other).ownName}</a>
      ${who(p)}
    </div>
  </header>
  <div class="frieze" aria-hidden="true"></div>`;
}

/** The day of the season, in the golden cartouche.  @param {Page} p */
function feast(p) {
  const at = p.season && p.clock.known ? seasonDay(p.season, p.f.calendar.local(p.now).date) : null;
  if (!p.season || !at) return nothing;
  const season = p.season.name[p.lang];
  return html`<p class="feast">${at.day > 0 ? p.t.seasonDay(at.day, p.f.count(at.day), season) : p.t.beforeSeason(p.f.count(1 - at.day), season)}</p>`;
}

/** @param {Page} p */
function when(p) {
  if (!p.clock.known || !p.city) return html`<p class="when"></p>`;
  const { weekday, date } = p.f.date(p.now);
  return html`<p class="when">
    <span class="weekday">${weekday}</span> <span class="jalali">${date}</span>
    <time class="clock" dir="ltr">${p.f.time(p.now)}</time>
  </p>`;
}

/** Who looks at the page, and where they may go.  @param {Page} p */
function who(p) {
  const s = p.session;
  if (!s) return nothing;
  if (!s.person) {
    return p.name === "signin" || p.name === "setup" ? nothing : html`<a class="tongue no-print" href=${p.signInHref}>${icon("key")}<span>${p.t.signIn}</span></a>`;
  }
  return html`<details class="who no-print" name="who" @toggle=${watch}>
    <summary aria-label=${`${p.t.menu}: ${s.person.name}`}>${icon("person")}<span class="who-name"><bdi>${s.person.name}</bdi></span></summary>
    <div class="who-menu">
      <p class="who-words"><span class="strong"><bdi>${s.person.name}</bdi></span><br><span class="quiet small">${p.t.role[s.person.role]}</span></p>
      <a href="/" aria-current=${p.name === "door" ? "page" : nothing}>${icon("home")}${p.t.home}</a>
      ${s.pages.filter((l) => l.kind !== "wall").map((l) => html`<a href=${l.href} aria-current=${l.href === location.pathname ? "page" : nothing}>${icon("forth")}<bdi>${l.name[p.lang]}</bdi></a>`)}
      ${s.demo
        ? nothing
        : html`<button type="button" @click=${() => p.changePassword()}>${icon("key")}${p.t.password.change}</button>
            <button type="button" @click=${() => p.signOut()}>${icon("out")}${p.t.signOut}</button>`}
    </div>
  </details>`;
}

/** A menu goes away when one presses elsewhere, or Escape.  @param {Event} e */
function watch(e) {
  const menu = /** @type {HTMLDetailsElement} */ (e.currentTarget);
  if (!menu.open) return;
  const gone = new AbortController();
  const shut = (/** @type {Event} */ event) => {
    const key = /** @type {KeyboardEvent} */ (event).key;
    if (event.type === "keydown" ? key !== "Escape" : event.composedPath().includes(menu)) return;
    menu.open = false;
    gone.abort();
    if (key === "Escape") menu.querySelector("summary")?.focus();
  };
  for (const kind of ["pointerdown", "keydown", "focusin"]) addEventListener(kind, shut, { signal: gone.signal });
  menu.addEventListener("toggle", () => gone.abort(), { once: true });
}

/** What nobody may overlook.  @param {Page} p */
export function notices(p) {
  return html`<div role="status" class="notices">
    ${p.ended
      ? html`<p class="notice" data-kind="alert">${shape("alert")}<span>${p.t.ended}</span><a class="button" href=${p.signInHref}>${p.t.signIn}</a></p>`
      : p.line === "lost"
        ? html`<p class="notice" data-kind="alert">${shape("alert")}<span>${p.t.lost}</span><span>${p.t.lostAge(p.f.ago(p.silence))}</span></p>`
        : nothing}
    ${p.newer ? html`<p class="notice"><span>${p.t.newer}</span><button type="button" class="button" @click=${() => location.reload()}>${p.t.reload}</button></p>` : nothing}
  </div>`;
}

/** @param {Page} p */
export function foot(p) {
  return html`<footer class="foot" data-box="foot">
    ${p.line
      ? html`<p class="line" data-line=${p.line} data-beat=${p.beat % 2}>${heart()}<span>${p.t[p.line]}</span></p>`
      : nothing}
    ${p.clock.speed > 1 ? html`<p class="speed">${p.t.speed(p.f.count(p.clock.speed))}</p>` : nothing}
    <p class="version"><span class="heard">${p.t.version}</span> <bdi dir="ltr">${p.version.slice(0, 24)}</bdi></p>
  </footer>`;
}
