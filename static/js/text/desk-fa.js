// The Persian wording of the pages for people. desk-en.js says the same in English.
// Numbers and times come ready formatted.

import { ordinal } from "./fa.js";

/** @type {import("./desk.js").DeskWording} */
export const deskFa = {
  product: "رصد",
  tagline: "نمای زندهٔ شهر",
  skip: "رفتن به متن صفحه",
  ownName: "فارسی",
  home: "همهٔ صفحه‌ها",
  menu: "کاربر و صفحه‌ها",
  guest: "وارد نشده‌اید",
  signIn: "ورود",
  signOut: "خروج",
  role: { viewer: "بیننده", department: "کاربر واحد", media: "دفتر رسانه", operator: "بهره‌بردار", admin: "مدیر سامانه" },
  speed: (factor) => `زمان ${factor} برابر`,
  seasonDay: (day, number, season) => `روز ${ordinal(day) ?? number} ${season}`,
  beforeSeason: (days, season) => `${days} روز تا آغاز ${season}`,
  version: "نسخه",
  and: " و ",
  dot: " · ",

  // the line to the server
  live: "ارتباط برقرار است؛ صفحه خودبه‌خود تازه می‌شود",
  polling: "ارتباط کند: پرسش هر دو ثانیه",
  connecting: "در حال پیوستن",
  reconnecting: "در حال پیوستن دوباره",
  lost: "ارتباط قطع است",
  lostAge: (ago) => `آخرین خبر ${ago}؛ آنچه اینجاست شاید کهنه باشد`,
  ended: "از سامانه بیرون آمده‌اید یا دیگر اجازهٔ دیدن این صفحه را ندارید",
  newer: "نسخهٔ تازه‌ای از این صفحه آماده است",
  reload: "بارگذاری",

  // what goes wrong
  offline: "سرور پاسخ نمی‌دهد",
  offlineHint: "شبکه را بررسی کنید؛ چیزی از دست نرفته است. صفحه خودش دوباره می‌پرسد.",
  failed: "انجام نشد",
  again: "تلاش دوباره",
  requestID: (id) => `درخواست ${id}`,
  waiting: "در حال بارگذاری",
  sending: "در حال فرستادن",
  close: "بستن",
  cancel: "انصراف",
  save: "ذخیره",
  copy: "رونوشت",
  copied: "رونوشت شد",
  more: "نمایش بیشتر",
  required: "این لازم است",
  optional: "اختیاری",
  print: "چاپ",
  back: "بازگشت",
  nothing: "چیزی اینجا نیست",

  password: {
    change: "تغییر گذرواژه",
    old: "گذرواژهٔ کنونی",
    new: "گذرواژهٔ تازه",
    same: "تکرار گذرواژهٔ تازه",
    short: (least) => `دست‌کم ${least} نویسه`,
    differ: "این دو یکسان نیستند",
    ends: "همهٔ نشست‌های شما، از جمله این یکی، پایان می‌یابد؛ با گذرواژهٔ تازه دوباره وارد شوید.",
    show: "نمایش گذرواژه",
    hide: "پنهان کردن گذرواژه",
  },

  door: {
    title: "چه می‌خواهید ببینید؟",
    lead: "همهٔ صفحه‌هایی که می‌توانید باز کنید و آنچه هر یک نشان می‌دهد.",
    guest: "برای دیدن صفحهٔ واحد یا دفتر خود وارد شوید.",
    none: "هنوز صفحه‌ای برای شما نیست",
    noneHint: "از مدیر سامانه بخواهید دسترسی بدهد.",
    demo: "این یک نمایش است: نوروزی شبیه‌سازی‌شده در اصفهان. کسی وارد نمی‌شود و هیچ‌چیز اینجا واقعی نیست.",
    kinds: { wall: "نمایشگرها", dept: "واحدها", media: "دفتر رسانه", operate: "بهره‌برداری", people: "کاربران" },
    open: (count) => `${count} باز`,
    overdue: (count) => `${count} دیرشده`,
  },

  status: { ok: "عادی", watch: "توجه", alert: "هشدار", stale: "کهنه", dead: "خاموش", none: "بی‌داده" },
};
