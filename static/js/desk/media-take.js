// Taking the figures along: as a file, or by a program.

import { html } from "../../third_party/lit-3.3.3.js";
import { copy } from "./copy.js";
import { select } from "./parts.js";
import { segments } from "./choices.js";
import { icon } from "./shapes.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./media-state.js").Media} Media */

/** The file: how it is wanted, and what is in it.  @param {Page} p  @param {Media} m */
export function take(p, m) {
  const t = m.words;
  const f = m.file;
  return html`<details class="card take more no-print" data-box="take" ?open=${m.wide}>
    <summary><h2>${t.take}</h2></summary>
    <p class="quiet">${t.withinWhat(t.periods[m.period], t.bys[m.by])} ${t.takeLead}</p>
    <div class="form">
      <div class="field"><p class="label">${t.format}</p>
        ${segments("format", t.format, [["xlsx", t.formats.xlsx], ["csv", t.formats.csv]], f.format, (format) => m.fileAs({ format }))}
        <p class="hint">${t.formatWhy[f.format]}</p></div>
      <div class="pair">
        ${select({ id: "file-lang", label: t.language, value: f.lang, options: [["fa", t.languages.fa], ["en", t.languages.en]], pick: (v) => m.fileAs({ lang: v === "fa" ? "fa" : "en" }) })}
        ${select({ id: "file-digits", label: t.digits, value: f.digits, options: [["latin", t.digitKinds.latin], ["fa", t.digitKinds.fa]], pick: (v) => m.fileAs({ digits: v === "fa" ? "fa" : "latin" }) })}
      </div>
      ${f.format === "csv"
        ? html`${f.digits === "fa" ? html`<p class="hint">${t.digitsWhy}</p>` : ""}
            <label class="choice"><input type="checkbox" .checked=${f.bom} @change=${(/** @type {Event} */ e) => m.fileAs({ bom: /** @type {HTMLInputElement} */ (e.target).checked })}>
              <span><span class="strong">${t.bom}</span><br><span class="hint">${t.bomWhy}</span></span></label>`
        : ""}
      <a class="button" data-kind="main" href=${fileHref(m)} download>${icon("save")}${t.download(t.formats[f.format])}</a>
    </div>
    <details class="more"><summary>${t.within}</summary>
      <ul class="dots small">${t.contents.map((x) => html`<li>${x}</li>`)}</ul>
      <p class="small quiet">${t.sheets}</p>
    </details>
  </details>`;
}

/** @param {Media} m  @returns {string} the address of the file as it is wanted */
export function fileHref(m) {
  const f = m.file;
  const q = new URLSearchParams({ period: m.period, by: m.by, format: f.format, lang: f.lang, digits: f.digits });
  if (f.format === "csv") q.set("bom", f.bom ? "1" : "0");
  return `/api/v1/figures?${q}`;
}

/** How a program fetches the same.  @param {Page} p  @param {Media} m */
export function program(p, m) {
  const t = m.words;
  const all = `/api/v1/figures?period=${m.period}&by=${m.by}`;
  const one = `/api/v1/figures/${m.chief || "visits-today"}`;
  return html`<section class="card program no-print" aria-labelledby="program-title" data-box="program">
    <h2 id="program-title">${t.api}</h2>
    <p class="quiet">${t.apiLead}</p>
    ${command(p, m, "all", t.apiAll, all)} ${command(p, m, "one", t.apiOne, one)}
    <ul class="dots small"><li>${t.apiToken}</li><li>${t.apiEtag}</li></ul>
    <p><a class="button" href="/api/v1/openapi.json">${icon("list")}${t.apiSpec}</a></p>
  </section>`;
}

/** @param {Page} p  @param {Media} m  @param {string} id  @param {string} words  @param {string} path */
function command(p, m, id, words, path) {
  const line = `curl -H "Authorization: Bearer $RASAD_TOKEN" "${location.origin}${path}"`;
  const press = async () => {
    const done = await copy(line, document.getElementById(`command-${id}`));
    p.say(done === "copied" ? m.words.lineCopied : m.words.lineSelected);
  };
  return html`<div class="command">
    <p class="label" id=${`command-${id}-words`}>${words}</p>
    <div class="command-line"><code class="code" id=${`command-${id}`} dir="ltr">${line}</code>
      <button type="button" class="button" aria-describedby=${`command-${id}-words`} @click=${press}>${icon("copy")}${m.words.copyLine}</button></div>
  </div>`;
}
