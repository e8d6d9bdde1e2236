// A secret that is shown this once, to be copied and handed over.

import { html } from "../../third_party/lit-3.3.3.js";
import { copy } from "./copy.js";
import { icon } from "./shapes.js";

/**
 * Opens the dialog in place of the one that is open.
 * @param {import("./operate.js").Operate} o  @param {string} title  @param {string} secret  @param {string} warns
 */
export function once(o, title, secret, warns) {
  const { p, words } = o;
  let said = ""; // in the dialog: behind it nobody would see it
  const press = async () => {
    const done = await copy(secret, document.getElementById("secret"));
    said = done === "copied" ? words.copied : words.selected;
    p.draw();
  };
  p.show(() => ({
    title: html`<span class="clamp">${title}</span>`,
    body: html`<div class="form">
      <p class="card told">${warns}</p>
      <p class="secret"><bdi class="code" id="secret" dir="ltr" tabindex="-1">${secret}</bdi></p>
      <div class="buttons" data-end="yes"><button type="button" class="button" @click=${p.hide}>${words.close}</button>
        <button type="button" class="button" data-kind="main" @click=${press}>${icon("copy")}${words.copy}</button></div>
      <p role="status" class="strong">${said}</p>
    </div>`,
  }));
  requestAnimationFrame(() => document.getElementById("sheet-title")?.focus()); // what had the focus is gone
}
