// The Persian wording of the wall. en.js says the same in English; a test holds
// both to the same keys. Numbers come ready formatted.

const ORDINALS = ["یکم", "دوم", "سوم", "چهارم", "پنجم", "ششم", "هفتم", "هشتم", "نهم", "دهم", "یازدهم", "دوازدهم",
  "سیزدهم", "چهاردهم", "پانزدهم", "شانزدهم", "هفدهم", "هجدهم", "نوزدهم", "بیستم", "بیست‌ویکم", "بیست‌ودوم",
  "بیست‌وسوم", "بیست‌وچهارم", "بیست‌وپنجم", "بیست‌وششم", "بیست‌وهفتم", "بیست‌وهشتم", "بیست‌ونهم", "سی‌ام", "سی‌ویکم"];

/** @param {number} day from 1  @returns {string|undefined} spelt out, as far as it goes */
export const ordinal = (day) => ORDINALS[day - 1];

/** @type {import("./text.js").Wording} */
export const fa = {
  product: "رصد",
  tagline: "نمای زندهٔ شهر",
  status: { ok: "عادی", watch: "توجه", alert: "هشدار", stale: "کهنه", dead: "خاموش", none: "بی‌داده" },
  over: { now: "اکنون", quarter_hour: "این ربع ساعت", hour: "این ساعت", day: "امروز", previous_day: "دیروز", season: "از آغاز فصل" },
  theme: { visitors: "بازدید", cleanliness: "پاکیزگی", landscaping: "فضای سبز", services: "خدمات" },
  justNow: "هم‌اکنون",
  neverHeard: "هنوز خبری نرسیده",
  noneYet: "هنوز عددی نیست",
  silentSince: (time) => `خاموش از ${time}`,
  silentFor: (ago) => `آخرین خبر ${ago}`,
  coverage: (reporting, expected) => `${reporting} از ${expected} منبع`,
  target: (percent) => `${percent} از هدف`,
  targetOf: (target) => `هدف ${target}`,
  revised: "بازنگری‌شده",
  final: "نهایی",
  crowding: "ازدحام مکان‌ها",
  crowdingOf: "نسبت به ظرفیت",
  present: (count, unit) => `${count} ${unit}`,
  presentOf: (count, capacity) => `${count} از ${capacity} نفر`,
  noCapacity: "بی ظرفیت اعلام‌شده",
  rest: (count, below) => (below ? `و ${count} مکان دیگر، همه زیر ${below}` : `و ${count} مکان دیگر`),
  restSilent: (count) => `${count} مکان خاموش`,
  noPlaces: "هنوز خبری از مکان‌ها نرسیده",
  today: "امروز",
  running: "این ساعت",
  yesterday: "دیروز",
  chart: "امروز، ساعت به ساعت",
  byHour: (unit) => `${unit} در ساعت`,
  noChart: "هنوز داده‌ای برای امروز نیست",
  seasonDay: (day, number, season) => `روز ${ordinal(day) ?? number} ${season}`,
  beforeSeason: (days, season) => `${days} روز تا آغاز ${season}`,
  live: "ارتباط برقرار است",
  polling: "ارتباط کند: پرسش هر دو ثانیه",
  reconnecting: "در حال پیوستن دوباره",
  connecting: "در حال پیوستن",
  lost: "ارتباط قطع است",
  lostAge: (ago) => `آخرین خبر ${ago}`,
  lostHint: "نمایشگر خودکار دوباره می‌پیوندد؛ عددها تا آن زمان کهنه می‌شوند.",
  speed: (factor) => `زمان ${factor} برابر`,
  unknownScreen: "این نمایشگر در پروندهٔ شهر نیست",
  legend: "نشانه‌ها",
  version: "نسخه",
};
