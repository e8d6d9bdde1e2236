// Changing one's own password.

import { html } from "../../third_party/lit-3.3.3.js";
import { Problem } from "./api.js";
import { button, failed, field } from "./parts.js";

/** Characters that a password has at least, as the server wants it: MinPassword in server/signin. */
export const SHORTEST = 10;

/** Opens the dialog.  @param {import("./page.js").Page} p */
export function changePassword(p) {
  const state = { busy: false, wrong: "", problem: /** @type {Problem|null} */ (null) };
  const send = async (/** @type {SubmitEvent} */ e) => {
    e.preventDefault();
    if (state.busy) return;
    const form = new FormData(/** @type {HTMLFormElement} */ (e.target));
    const [old, next, same] = ["old", "new", "same"].map((k) => String(form.get(k) ?? ""));
    state.problem = null;
    state.wrong = [...next].length < SHORTEST ? p.t.password.short(p.f.count(SHORTEST)) : next !== same ? p.t.password.differ : "";
    if (state.wrong) {
      p.draw();
      return;
    }
    state.busy = true;
    p.draw();
    try {
      p.adopt((await p.api.send("/api/v1/session/password", { old, new: next }, { stay: true })).body); // a new session has begun
      p.hide();
      p.say(p.t.password.changed);
    } catch (err) {
      state.problem = err instanceof Problem ? err : new Problem(500);
      state.busy = false;
      p.draw();
    }
  };
  /** @param {string} id  @param {string} label  @param {"current-password"|"new-password"} kind  @param {string} [wrong] */
  const secret = (id, label, kind, wrong = "") =>
    field({
      id: `password-${id}`, label, wrong,
      control: html`<input class="input" id=${`password-${id}`} name=${id} type="password" dir="ltr" autocomplete=${kind} required ?autofocus=${id === "old"}
        aria-describedby=${`password-${id}-about`} aria-invalid=${wrong ? "true" : "false"}>`,
    });
  p.show(() => ({
    title: p.t.password.change,
    form: true,
    body: html`<form class="form" @submit=${send}>
      ${state.problem ? failed(p, state.problem) : ""}
      ${secret("old", p.t.password.old, "current-password")}
      ${secret("new", p.t.password.new, "new-password", state.wrong)}
      ${secret("same", p.t.password.same, "new-password")}
      <p class="hint">${p.t.password.ends}</p>
      <div class="buttons" data-end="yes"><button type="button" class="button" @click=${p.hide}>${p.t.cancel}</button>
        ${button(p, { words: p.t.save, busy: state.busy, kind: "main" })}</div>
    </form>`,
  }));
}
