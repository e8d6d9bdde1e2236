// The log of a case or a shift in words: who did what.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { inLang } from "./cases.js";
import { name } from "./parts.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").LogLine} LogLine */

/** What a line says was done, without who did it.  @param {Page} p  @param {LogLine} l  @returns {string} */
export function deed(p, l) {
  if (l.do) return /** @type {Record<string, string>} */ (p.t.did)[l.do] ?? l.do;
  return /** @type {Record<string, string>} */ (p.t.event)[l.state] ?? l.state;
}

/** Why it did not count; "" where it did.  @param {Page} p  @param {LogLine} l  @returns {string} */
export function refusal(p, l) {
  return l.refused ? /** @type {Record<string, string>} */ (p.t.refused)[l.refused] ?? l.refused : "";
}

/** Who did what and when, in a sentence with its note.  @param {Page} p  @param {LogLine} l */
export function did(p, l) {
  const at = Date.parse(l.at);
  const by = inLang(l.by.name, p.lang);
  return html`<p class="deed" data-refused=${l.refused ? "yes" : "no"}>
      <span class="strong">${name(by)}</span> <span>${deed(p, l)}${l.to ? html` ${p.t.case.to(inLang(l.to.name, p.lang))}` : nothing}</span>
      <time class="quiet small" datetime=${l.at} title=${p.f.dayTime(at)}>${p.f.at(at, p.now)}</time>
    </p>
    ${l.refused ? html`<p class="wrong small">${refusal(p, l)}</p>` : nothing}
    ${l.note ? html`<p class="quoted" dir="auto">${l.note}</p>` : nothing}`;
}
