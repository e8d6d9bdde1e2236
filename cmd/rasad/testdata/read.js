// Reads from the page what a person reads.
(() => {
  const text = (e, what) => (e.querySelector(what)?.textContent ?? "").replace(/\s+/g, " ").trim();
  const version = document.querySelector(".version");
  const all = [...document.querySelectorAll("body *")].flatMap((e) => [e.getAttribute("title"), e.getAttribute("aria-label"),
    ...[...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE && !version?.contains(n)).map((n) => n.textContent)]);
  const canvas = document.querySelector("day-chart canvas");
  return {
    lang: document.documentElement.lang,
    dir: getComputedStyle(document.body).direction,
    version: document.documentElement.dataset.version ?? "",
    line: window.rasad?.state ?? "",
    updates: window.rasad?.updates ?? 0,
    text: [document.title, ...all].filter(Boolean).join("\n"),
    weekday: text(document, ".weekday"),
    date: text(document, ".jalali"),
    gregorian: text(document, ".gregorian"),
    feast: text(document, ".feast"),
    clock: text(document, ".clock"),
    foot: text(document, ".foot .line"),
    lost: text(document, ".lost-words"),
    frame: document.querySelector(".frame")?.checkVisibility() ?? false,
    chart: canvas ? canvas.width * canvas.height : 0,
    violations: window.violations ?? [],
    tiles: [...document.querySelectorAll(".tile")].map((e) => ({
      id: e.dataset.tile, shown: e.dataset.shown, name: text(e, ".tile-name"), value: text(e, ".figure"), state: text(e, ".state"), age: text(e, ".age"),
    })),
    crowds: [...document.querySelectorAll(".crowd")].map((e) => ({
      id: e.dataset.tile, shown: e.dataset.shown, name: text(e, ".crowd-name"), value: text(e, ".crowd-percent"), state: text(e, ".crowd-state"),
    })),
  };
})()
