// Buttons, and what one ticks or picks from a short list: checkboxes, radio buttons, overflow menus.

import { h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { openMenu } from "../menu.js";
import { confirmed } from "./confirm.js";
import { plainOf, textNodes } from "./text.js";
import { rawOf, valueOf } from "./values.js";

export function button(element, { block, env, focusName }) {
  const look = { primary: " button-primary", danger: " button-danger" }[element.style] || "";
  const node = h(element.url ? "a" : "button", {
    class: `button${look}`, "aria-label": element.accessibility_label || null, data: { focus: focusName },
    ...(element.url ? { href: safeUrl(element.url), target: "_blank", rel: "noopener noreferrer" } : { type: "button" }),
  }, textNodes(element.text, env.ctx), element.url ? icon("link", 14) : null);
  node.addEventListener("click", () => press(node, element, block, env));
  return { node, field: node };
}

const safeUrl = (url) => (/^(https?:|mailto:|tel:)/i.test(url) ? url : "about:blank");

// As in Slack: a warning triangle stays on a button whose press did not reach the app.
function markFailed(node, env) {
  node.classList.add("has-failed");
  node.title = env.ctx.words("problem.press_lost");
}

async function press(node, element, block, env) {
  if (node.getAttribute("aria-busy") === "true") return;
  if (!(await confirmed(element.confirm, env.ctx))) return;
  node.setAttribute("aria-busy", "true");
  node.classList.remove("has-failed");
  node.removeAttribute("title");
  try {
    const answer = await env.send(block, element);
    if (answer && !answer.ok) markFailed(node, env);
  } finally {
    node.removeAttribute("aria-busy");
  }
}

export function checkboxes(element, place) {
  return ticks(element, place, "checkbox", (boxes) =>
    valueOf(element, element.options.filter((_, index) => boxes[index].checked)));
}

export function radioButtons(element, place) {
  return ticks(element, place, "radio", (boxes) =>
    valueOf(element, element.options.find((_, index) => boxes[index].checked) ?? null));
}

function ticks(element, { block, env, label, focusName }, type, read) {
  const raw = rawOf(env.value(block, element));
  const chosen = new Set([].concat(raw || []).map((option) => option.value));
  const name = uid("ticks");
  const boxes = element.options.map((option, index) =>
    h("input", { type, name, checked: chosen.has(option.value), data: { focus: `${focusName}/${index}` } }));
  const tell = () => env.changed(block, element, read(boxes));
  const rows = element.options.map((option, index) => {
    boxes[index].addEventListener("change", tell);
    return h("label", { class: "tick" }, boxes[index], h("span", { class: "tick-words" }, h("span", {}, textNodes(option.text, env.ctx)),
      option.description ? h("small", {}, textNodes(option.description, env.ctx)) : null));
  });
  const node = h("div", { class: "ticks", role: type === "radio" ? "radiogroup" : "group", "aria-label": label }, rows);
  return { node, field: node };
}

export function overflow(element, { block, env, focusName }) {
  const node = h("button", {
    type: "button", class: "icon-button framed", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": env.ctx.words("message.more"), data: { focus: focusName },
  }, icon("more"));
  const choose = async (option) => {
    if (option.url) window.open(safeUrl(option.url), "_blank", "noopener");
    if (await confirmed(element.confirm, env.ctx)) await env.send(block, element, { selected_option: option });
  };
  node.addEventListener("click", () => openMenu(node, element.options.map((option) => ({
    label: plainOf(option.text), hint: plainOf(option.description), run: () => choose(option),
  })), { align: "end" }));
  return { node, field: node };
}
