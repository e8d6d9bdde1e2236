// The operators' page: sources, quarantine, the system, people, tokens, the audit.
// Each tab is a module of its own with a body and what it asks for.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { operateWording } from "../text/operate.js";
import { Asked } from "./operate-asked.js";
import { Audit } from "./operate-audit.js";
import { age, tabOf, tabsOf } from "./operate-model.js";
import { People } from "./operate-people.js";
import { Quarantine } from "./operate-quarantine.js";
import { Sources } from "./operate-sources.js";
import { System } from "./operate-system.js";
import { tablist } from "./operate-tabs.js";
import { Tokens } from "./operate-tokens.js";
import { boot } from "./page.js";
import { empty } from "./parts.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./operate-model.js").Tab} Tab */

/**
 * @typedef {object} Part what a tab is made of
 * @property {() => unknown} body
 * @property {(looked: boolean) => void} [second] told once a second
 * @property {() => void} [opened]
 * @property {() => unknown} [badge] beside its name
 */

const JUST_S = 5; // younger than this is now

/** What all tabs share. */
export class Operate {
  words;
  /** @type {Asked<{departments: {id: string, name: import("../wire.js").Text}[]}>} names for sources and people */ departments;
  /** @type {Tab|null} */ tab = null;
  p;
  sources;
  quarantine;
  people;
  /** @type {Record<Tab, Part>} */ parts;

  /** @param {Page} p */
  constructor(p) {
    this.p = p;
    this.words = operateWording(p.lang);
    this.departments = new Asked(p, () => p.api.ask("/api/v1/departments"), 600_000);
    this.sources = new Sources(this);
    this.quarantine = new Quarantine(this);
    this.people = new People(this);
    this.parts = {
      sources: this.sources,
      quarantine: this.quarantine,
      system: new System(this),
      people: this.people,
      tokens: new Tokens(this),
      audit: new Audit(this),
    };
    addEventListener("hashchange", () => this.open());
  }

  /** @returns {Tab[]} that the visitor may see */
  get tabs() {
    return tabsOf(this.p.session?.person?.role ?? "");
  }

  /** Opens the tab that the address names. */
  open() {
    const tab = tabOf(location.hash, this.tabs);
    if (tab && tab !== this.tab) {
      this.tab = tab;
      this.parts[tab].opened?.();
    }
    this.p.draw();
  }

  /** @param {string} id  @returns {string} the department's name, or its id where it has none */
  departmentName(id) {
    return this.departments.value?.departments.find((d) => d.id === id)?.name[this.p.lang] ?? id;
  }

  /** How long ago something was, by the server's own clock.  @param {string} at */
  ago(at) {
    const s = age(this.p.api.now, at);
    return s < JUST_S ? this.words.justNow : this.p.f.ago(s);
  }

  second() {
    if (this.tab === null) this.open();
    for (const id of this.tabs) this.parts[id].second?.(id === this.tab);
  }
}

/** @type {Operate} */
let operate;

boot({
  load: async (p) => {
    operate ??= new Operate(p);
    await operate.departments.again();
  },
  second: () => operate.second(),
  body: (p) => page(p, operate),
});

/** @param {Page} p  @param {Operate} o */
function page(p, o) {
  const t = o.words;
  const tabs = o.tabs;
  if (tabs.length === 0) return empty(t.none, t.noneHint);
  if (o.tab === null) queueMicrotask(() => o.open());
  const tab = o.tab ?? tabs[0];
  return html`<div class="title"><div class="title-words"><h1>${t.title}</h1></div></div>
    ${tablist({ label: t.tabsLabel, current: tab, dir: p.dir, list: tabs.map((id) => ({ id, words: t.tabs[id], badge: o.parts[id].badge?.() ?? nothing })) })}
    <div role="tabpanel" id="panel" aria-labelledby=${`tab-${tab}`} data-tab=${tab}>
      <p class="lead tab-lead">${t.leads[tab]}</p>
      ${o.parts[tab].body()}
    </div>`;
}
