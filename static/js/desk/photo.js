// Photos of a case: taking one, making it small enough to send from a phone, and
// looking at them.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { Problem, actID } from "./api.js";
import { inLang } from "./cases.js";
import { name } from "./parts.js";
import { icon } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").LogLine} LogLine */
/** @typedef {LogLine & {file: import("./wire.js").Photo}} PhotoLine */

/** The longest side of a photo that is sent, in pixels. */
const SIDE = 2560;
const QUALITY = 0.86;
/** A photo with fewer bytes and a short side is sent as it is. */
const SMALL = 2_000_000;

/** @param {LogLine[]} log  @returns {PhotoLine[]} the lines whose photo is there to be seen, the newest first */
export const photosOf = (log) => /** @type {PhotoLine[]} */ (log.filter((l) => l.file?.url && !l.refused)).reverse();

/** @param {LogLine} l  @returns {boolean} whether it brought a photo whose time is over */
export const deleted = (l) => l.file?.url === "" && !l.refused;

/**
 * Makes a photo as small as it may be for its purpose.
 * @param {File} file  @returns {Promise<Blob>} a JPEG, or the file itself where it is small already
 * @throws where it is no photo that this browser can read
 */
export async function shrink(file) {
  const photo = await createImageBitmap(file, { imageOrientation: "from-image" });
  const by = Math.min(1, SIDE / Math.max(photo.width, photo.height));
  if (by === 1 && file.size <= SMALL && (file.type === "image/jpeg" || file.type === "image/png")) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(photo.width * by);
  canvas.height = Math.round(photo.height * by);
  canvas.getContext("2d")?.drawImage(photo, 0, 0, canvas.width, canvas.height);
  photo.close();
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no photo"))), "image/jpeg", QUALITY));
}

/**
 * Sends the photo that was chosen.
 * @param {Page} p  @param {number} number of the case  @param {Event} e of the input
 * @param {(state: ""|"preparing"|"sending") => void} tell
 * @param {(words: string, c: import("./wire.js").CaseWhole|null) => void} done
 */
export async function send(p, number, e, tell, done) {
  const input = /** @type {HTMLInputElement} */ (e.target);
  const file = input.files?.[0];
  if (!file) return;
  tell("preparing");
  try {
    const photo = await shrink(file).catch(() => null);
    if (!photo) {
      p.say(p.t.act.photoBad, "alert");
      return;
    }
    tell("sending");
    const answer = await p.api.send(`/api/v1/cases/${number}/evidence?id=${actID()}`, photo);
    if (answer.status === 202) done(p.t.act.taken, null);
    else done(p.t.act.done.photo, answer.body);
  } catch (err) {
    p.sayProblem(err instanceof Problem ? err : new Problem(500));
  } finally {
    input.value = ""; // the same photo may be chosen once more
    tell("");
  }
}

/** @param {Page} p  @param {PhotoLine[]} photos  @param {number} gone how many are not there any more */
export function gallery(p, photos, gone) {
  if (photos.length + gone === 0) return html`<p class="quiet">${p.t.case.noPhotos}</p>`;
  return html`${photos.length > 0 ? html`<ul class="photos">${photos.map((_, i) => html`<li>${thumb(p, photos, i)}</li>`)}</ul>` : nothing}
    ${gone > 0 ? html`<p class="quiet">${p.t.case.photosDeleted(p.f.count(gone))}</p>` : nothing}`;
}

/** One photo, small; pressed, it is looked at.  @param {Page} p  @param {PhotoLine[]} photos  @param {number} i below 0: none */
export function thumb(p, photos, i) {
  const l = photos[i];
  if (!l) return nothing;
  return html`<button type="button" class="photo" @click=${() => view(p, photos, i)}>
    <img src=${l.file.url} width=${l.file.width} height=${l.file.height} loading="lazy" decoding="async" alt=${`${p.t.case.photoOf(p.f.count(i + 1), p.f.count(photos.length))}: ${caption(p, l)}`}>
  </button>`;
}

/** @param {Page} p  @param {PhotoLine} l */
const caption = (p, l) => p.t.case.photoBy(inLang(l.by.name, p.lang), p.f.dayTime(Date.parse(l.at)));

/** Opens the viewer.  @param {Page} p  @param {PhotoLine[]} photos  @param {number} first */
function view(p, photos, first) {
  let i = first;
  const go = (/** @type {number} */ by) => {
    i = (i + by + photos.length) % photos.length;
    p.draw();
  };
  const key = (/** @type {KeyboardEvent} */ e) => {
    const forth = p.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = p.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (e.key === forth) go(1);
    else if (e.key === back) go(-1);
  };
  p.show(() => {
    const l = photos[i];
    return {
      title: html`${p.t.case.photoOf(p.f.count(i + 1), p.f.count(photos.length))}`,
      wide: true,
      form: true,
      body: html`<figure class="viewer" @keydown=${key}>
        <img src=${l.file.url} width=${l.file.width} height=${l.file.height} alt=${caption(p, l)}>
        <figcaption>
          ${photos.length > 1 ? html`<button type="button" class="button" aria-label=${p.t.case.before} @click=${() => go(-1)}>${icon("back")}</button>` : nothing}
          <span class="viewer-words"><span class="strong">${name(inLang(l.by.name, p.lang))}</span> <span class="quiet">${p.f.dayTime(Date.parse(l.at))}</span>${l.note ? html`<br><span dir="auto">${l.note}</span>` : nothing}</span>
          ${photos.length > 1 ? html`<button type="button" class="button" autofocus aria-label=${p.t.case.after} @click=${() => go(1)}>${icon("forth")}</button>` : nothing}
        </figcaption>
      </figure>`,
    };
  });
}
