// Says in sentences what is wrong with how the page stands: a list, empty when
// nothing is clipped, nothing overlaps and nothing must be scrolled for on a wall; a
// page for people may be scrolled. Boxes are what carries data-box; texts are measured
// by themselves, but for what is only heard or only there for those who use keys.
(() => {
  const SLACK = 1; // px that rounding may take
  const SHIFT = 8; // px by which a wall may be moved against burn-in
  const page = document.documentElement;
  const phone = innerWidth <= 700 || innerHeight <= 500 || Boolean(page.dataset.page); // it may be scrolled
  const faults = [];

  const view = phone
    ? { left: 0, top: 0, right: innerWidth, bottom: page.scrollHeight }
    : { left: -SHIFT, top: -SHIFT, right: innerWidth + SHIFT, bottom: innerHeight + SHIFT };
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const named = (e) => e.dataset.box || e.className || e.localName;
  const quoted = (node) => `“${node.textContent.trim().slice(0, 40)}”`;

  const rectOf = (what) => {
    const { left, top, right, bottom } = what.getBoundingClientRect();
    return { left: left + scrollX, top: top + scrollY, right: right + scrollX, bottom: bottom + scrollY };
  };
  const within = (a, b, slack = SLACK) =>
    a.left >= b.left - slack && a.right <= b.right + slack && a.top >= b.top - slack && a.bottom <= b.bottom + slack;
  const overlap = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;
  const told = (r) => `${Math.round(r.left)},${Math.round(r.top)} to ${Math.round(r.right)},${Math.round(r.bottom)}`;

  // The middle of a line of letters, where the ink is: the font's own box is much higher.
  const ink = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter((r) => r.width > 0).map((r) => {
      const cut = r.height * 0.27;
      return { left: r.left + scrollX, right: r.right + scrollX, top: r.top + scrollY + cut, bottom: r.bottom + scrollY - cut };
    });
  };

  // What rolls inside is not cut at its upper and lower edge: it is as high as its content.
  const rolls = (e) => /auto|scroll/.test(getComputedStyle(e).overflowY);
  const roomOf = (e) => {
    const r = rectOf(e);
    return rolls(e) ? { ...r, top: r.top - e.scrollTop, bottom: r.top - e.scrollTop + e.scrollHeight + e.offsetHeight - e.clientHeight } : r;
  };
  const heard = (e) => e.closest(".skip") || (e !== document.body && (getComputedStyle(e).clipPath === "inset(50%)" || heard(e.parentElement)));
  const top = document.querySelector("dialog[open]") ?? document.body; // what is behind a dialog is not looked at

  const boxes = [top, ...top.querySelectorAll("[data-box]")].filter((e) => e.dataset.box && shown(e));
  const homes = new Map(); // boxes by the box around them
  for (const e of boxes) {
    const home = e === top ? null : e.parentElement.closest("[data-box]");
    if (!within(rectOf(e), home ? roomOf(home) : view)) faults.push(`box ${named(e)} (${told(rectOf(e))}) leaves ${home ? named(home) : "the page"}`);
    for (const other of homes.get(home) ?? []) {
      if (overlap(rectOf(e), rectOf(other))) faults.push(`boxes ${named(e)} and ${named(other)} overlap`);
    }
    homes.set(home, [...(homes.get(home) ?? []), e]);
  }

  const lines = new Map(); // lines of text by the box around them
  const walk = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (!node.textContent.trim() || !shown(e) || heard(e)) continue;
    const home = e.closest("[data-box]");
    for (const rect of ink(node)) {
      if (!within(rect, home ? roomOf(home) : view)) faults.push(`text ${quoted(node)} leaves ${home ? named(home) : "the page"}`);
      for (let a = e; a && a !== document.body; a = a.parentElement) {
        if (getComputedStyle(a).overflow !== "visible" && !within(rect, roomOf(a))) faults.push(`text ${quoted(node)} is cut by ${named(a)}`);
      }
      for (const line of lines.get(home) ?? []) {
        if (line.node !== node && overlap(rect, line.rect)) faults.push(`texts ${quoted(node)} and ${quoted(line.node)} overlap`);
      }
      lines.set(home, [...(lines.get(home) ?? []), { node, rect }]);
    }
    if (getComputedStyle(e).overflow !== "visible" && e.scrollWidth > e.clientWidth + SLACK) faults.push(`text ${quoted(node)} is cut`);
  }

  if (page.scrollWidth > innerWidth + (phone ? SLACK : SHIFT)) faults.push(`the page is ${page.scrollWidth} px wide in a window of ${innerWidth}`);
  if (!phone && page.scrollHeight > innerHeight + SHIFT) faults.push(`the page is ${page.scrollHeight} px high in a window of ${innerHeight}`);
  return [...new Set(faults)];
})()
