// Opens small menus and places floating lists beside what opened them.

import { finder, h } from "./dom.js";

const GAP = 6;
const EDGE = 8;

/** Puts a floating box under its anchor, or above it when there is more room. */
export function place(box, anchor, { align = "start", width = null } = {}) {
  const at = anchor.getBoundingClientRect();
  if (width === "anchor") box.style.width = `${at.width}px`;
  const below = window.innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  const up = below < Math.min(box.scrollHeight, 260) && above > below;
  box.style.maxHeight = `${Math.max(up ? above : below, 120)}px`;
  const left = align === "end" ? at.right - box.offsetWidth : at.left;
  box.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - box.offsetWidth - EDGE))}px`;
  box.style.top = up ? "auto" : `${at.bottom + GAP}px`;
  box.style.bottom = up ? `${window.innerHeight - at.top + GAP}px` : "auto";
}

let open = null;
const redrawn = new MutationObserver(() => keepUp());

/** Opens a menu of {label, hint?, icon?, danger?, run} under a button; arrow keys move, Escape closes. */
export function openMenu(anchor, items, { label = "", align = "start" } = {}) {
  if (open?.anchor === anchor) return closeMenu();
  closeMenu();
  const box = h("div", { class: "menu floating", role: "menu", "aria-label": label, popover: "manual" },
    items.map((item) => menuItem(item)));
  // Not beside its button: that is drawn anew whenever what it belongs to changes.
  (anchor.closest("[role=dialog]") || document.body).append(box);
  box.showPopover();
  place(box, anchor, { align });
  anchor.setAttribute("aria-expanded", "true");
  open = { anchor, box, align, find: finder(anchor) };
  redrawn.observe(document.body, { childList: true, subtree: true });
  box.addEventListener("keydown", onKey);
  box.querySelector("[role=menuitem]")?.focus({ preventScroll: true });
  return box;
}

// What happens elsewhere never takes an open menu away: it stays with its button, and goes when its button is gone.
function keepUp() {
  if (!open) return;
  const anchor = open.find();
  if (!anchor) return closeMenu({ refocus: false });
  open.anchor = anchor;
  anchor.setAttribute("aria-expanded", "true");
  place(open.box, anchor, { align: open.align });
}

function menuItem(item) {
  if (item.heading) return h("p", { class: "menu-heading", role: "presentation" }, item.heading);
  return h("button", {
    type: "button", role: "menuitem", class: `menu-item${item.danger ? " danger" : ""}`, tabindex: "-1", title: item.title,
    on: { click: () => { closeMenu(); item.run(); } },
  }, item.lead || null, h("span", { class: "menu-words" }, h("span", {}, item.label), item.hint ? h("small", {}, item.hint) : null),
  item.current ? h("span", { class: "menu-tick", "aria-hidden": "true" }, "✓") : null);
}

export function closeMenu({ refocus = true } = {}) {
  if (!open) return;
  const { anchor, box } = open;
  open = null;
  redrawn.disconnect();
  const inside = box.contains(document.activeElement);
  box.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (refocus && inside) anchor.focus();
  tellClosed(anchor);
}

/** Says that a menu or a list under `anchor` has closed: what stood still for it may move again. */
export const tellClosed = (anchor) => anchor.dispatchEvent(new CustomEvent("listclosed", { bubbles: true }));

function onKey(event) {
  const all = [...open.box.querySelectorAll("[role=menuitem]")];
  const at = all.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
  if (event.key in moves) {
    event.preventDefault();
    all.at(moves[event.key] % all.length)?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
    closeMenu();
  }
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.box.contains(event.target) && !open.anchor.contains(event.target)) closeMenu({ refocus: false });
});
window.addEventListener("resize", () => closeMenu({ refocus: false }));
document.addEventListener("scroll", ({ target }) => {
  if (!open || open.box.contains(target)) return;
  if (inSight(open.anchor, target)) keepUp();
  else closeMenu({ refocus: false });
}, true);

function inSight(anchor, scroller) {
  if (!(scroller instanceof Element) || !scroller.contains(anchor)) return true;
  const [at, window] = [anchor.getBoundingClientRect(), scroller.getBoundingClientRect()];
  return at.bottom > window.top && at.top < window.bottom;
}
