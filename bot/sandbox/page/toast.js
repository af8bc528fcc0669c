// Shows short notices at the edge of the page, and reads them out.

import { h } from "./dom.js";
import { icon, iconButton } from "./icons.js";

const STAY_MS = 7000;
const SAME_MS = 2000;
const recent = new Map(); // text -> when it was last said

const justSaid = (text) => performance.now() - (recent.get(text) ?? -Infinity) < SAME_MS;

/** The same words twice in a row (once from the answer, once from the event stream) are shown once. */
export function toast(text, { kind = "problem" } = {}) {
  if (!text || justSaid(text)) return;
  recent.set(text, performance.now());
  const node = h("div", { class: `toast toast-${kind}`, role: kind === "problem" ? "alert" : "status" },
    icon(kind === "problem" ? "alert" : "check"), h("span", {}, text),
    iconButton("close", "×", () => node.remove()));
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), STAY_MS);
}

/** The words stand somewhere better (in the modal): takes their toast away, and holds back a coming one. */
export function hush(text) {
  recent.set(text, performance.now());
  for (const node of document.querySelectorAll(".toast")) {
    if (node.querySelector("span").textContent === text) node.remove();
  }
}
