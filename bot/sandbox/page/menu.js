// Opens small menus and places floating lists beside what opened them.

import { h } from "./dom.js";

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

/** Opens a menu of {label, hint?, icon?, danger?, run} under a button; arrow keys move, Escape closes. */
export function openMenu(anchor, items, { label = "", align = "start" } = {}) {
  if (open?.anchor === anchor) return closeMenu();
  closeMenu();
  const box = h("div", { class: "menu floating", role: "menu", "aria-label": label, popover: "manual" },
    items.map((item) => menuItem(item)));
  anchor.after(box);
  box.showPopover();
  place(box, anchor, { align });
  anchor.setAttribute("aria-expanded", "true");
  open = { anchor, box };
  box.addEventListener("keydown", onKey);
  box.querySelector("[role=menuitem]")?.focus();
  return box;
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
  const inside = box.contains(document.activeElement);
  box.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (refocus && inside) anchor.focus();
}

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
document.addEventListener("scroll", (event) => {
  if (open && !open.box.contains(event.target)) closeMenu({ refocus: false });
}, true);
