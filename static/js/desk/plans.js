// What was planned and what is done of it, district by district; of what is to be
// done again and again, the most overdue first.

import { html, nothing } from "../../third_party/lit-3.3.3.js";
import { passed, share } from "./compare.js";
import { bar, chip, name } from "./parts.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./wire.js").Plan} Plan */
/** @typedef {import("./wire.js").PlanPart} PlanPart */

/** @param {Page} p  @param {Plan} plan */
export const plan = (p, plan) => html`<article class="card plan" data-box=${`plan:${plan.id}`}>
  <h3>${name(plan.name[p.lang])}</h3>
  ${plan.kind === "amount" ? amount(p, plan) : repetition(p, plan)}
</article>`;

/** @param {Page} p  @param {PlanPart} part */
const of = (p, part) => part.place?.name[p.lang] ?? part.district?.name[p.lang] ?? part.source;

/** @param {Page} p  @param {Plan} plan */
function amount(p, plan) {
  const part = share(plan.done, plan.amount);
  const time = passed(plan.from, plan.to, p.f.calendar.local(p.now).date);
  return html`<p class="plan-sum"><bdi class="figure" dir=${p.dir}>${p.f.percent(Math.floor(part))}</bdi>
      <span class="quiet">${p.t.dept.planDone(p.f.count(plan.done ?? 0), p.f.count(plan.amount ?? 0), plan.unit_name[p.lang])}</span></p>
    ${bar(part, "ok", true)}
    ${time === null || !plan.to ? nothing : html`<p class="quiet small">${p.t.dept.planTime(p.f.percent(Math.floor(time)), p.f.localDay(plan.to))}</p>`}
    <ul class="plan-parts">${plan.parts.map((x) => html`<li>
      <span class="plan-name">${name(of(p, x))}</span>
      ${bar(share(x.done, x.amount), "ok", true)}
      <span class="plan-share">${x.amount ? p.f.percent(Math.floor(share(x.done, x.amount))) : p.f.count(x.done ?? 0)}</span>
      <span class="quiet small plan-words">${p.t.dept.planDone(p.f.count(x.done ?? 0), p.f.count(x.amount ?? 0), "")}</span>
    </li>`)}</ul>`;
}

/** @param {Page} p  @param {PlanPart} x  @returns {number|null} seconds, above 0 when it is overdue; null: never done */
export function overdue(p, x) {
  if (x.due_at) return Math.round((p.now - Date.parse(x.due_at)) / 1000);
  return x.overdue_seconds;
}

/** @param {Page} p  @param {Plan} plan */
function repetition(p, plan) {
  const rows = plan.parts.map((x) => ({ x, late: overdue(p, x) }));
  const lates = rows.filter((r) => (r.late ?? 0) > 0).length;
  return html`<p class="plan-sum">${lates > 0
      ? chip("alert", p.t.dept.planLate(p.f.count(lates), p.f.count(rows.length)))
      : chip("ok", p.t.dept.planNoneLate)}
      <span class="quiet">${p.t.dept.planEvery(p.f.span(plan.every_seconds))}</span></p>
    <ul class="plan-parts" data-kind="repetition">${rows.map(({ x, late }) => html`<li>
      <span class="plan-name">${name(of(p, x))}</span>
      <span class="plan-state">${late === null
        ? chip("none", p.t.dept.planNever)
        : late > 0 ? chip("alert", p.t.dept.planOverdue(p.f.about(late))) : chip("ok", p.t.dept.planDue(p.f.about(late)))}</span>
      ${x.last_at ? html`<span class="quiet small plan-words">${p.t.dept.planLast(p.f.at(Date.parse(x.last_at), p.now), !x.done ? "" : `${p.f.count(x.done)} ${plan.unit_name[p.lang]}`)}</span>` : nothing}
    </li>`)}</ul>`;
}
