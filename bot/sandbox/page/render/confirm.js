// Asks "are you sure?" as a confirm object says, before anything is sent.

import { h } from "../dom.js";
import { trapFocus } from "../focus.js";
import { plainOf, textNodes } from "./text.js";

/** Resolves to true when the person agrees; at once when there is nothing to ask. */
export function confirmed(confirm, ctx) {
  if (!confirm) return Promise.resolve(true);
  const cameFrom = document.activeElement;
  return new Promise((resolve) => {
    const finish = (answer) => {
      scrim.remove();
      if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
      resolve(answer);
    };
    const scrim = h("div", { class: "scrim scrim-confirm" }, confirmBox(confirm, ctx, finish));
    document.body.append(scrim);
    trapFocus(scrim.firstChild, { onEscape: () => finish(false) });
    scrim.querySelector(".button-primary, .button-danger").focus();
  });
}

function confirmBox(confirm, ctx, finish) {
  const look = confirm.style === "danger" ? "button-danger" : "button-primary";
  return h("div", { class: "dialog dialog-small", role: "alertdialog", "aria-modal": "true", "aria-label": plainOf(confirm.title) },
    h("h2", {}, textNodes(confirm.title, ctx)),
    h("div", { class: "dialog-words" }, textNodes(confirm.text, ctx)),
    h("div", { class: "dialog-foot" },
      h("button", { type: "button", class: "button", on: { click: () => finish(false) } }, textNodes(confirm.deny, ctx)),
      h("button", { type: "button", class: `button ${look}`, on: { click: () => finish(true) } }, textNodes(confirm.confirm, ctx))));
}
