// Small pieces the workshop's tabs are made of.

import { attempt, problem } from "../actions.js";
import { h } from "../dom.js";
import { t } from "../state.js";
import { toast } from "../toast.js";

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** A stretch of time in at most two units: "+1 d 8 h". */
export function span(seconds) {
  let rest = Math.round(Math.abs(seconds));
  const out = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count && out.length < 2) out.push(t(`unit.${unit}`, { count }));
  }
  return `${seconds < 0 ? "−" : "+"}${out.join(" ") || t("unit.s", { count: 0 })}`;
}

/** A button that asks the server for something and says when it was refused. */
export function tool(label, request, { look = "", disabled = false, focus = label } = {}) {
  const node = h("button", { type: "button", class: `button ${look}`, disabled, data: { focus } }, label);
  node.addEventListener("click", async () => {
    node.setAttribute("aria-busy", "true");
    await ask(request);
    node.removeAttribute("aria-busy");
  });
  return node;
}

export async function ask(request) {
  const answer = await attempt(request);
  if (answer.error) toast(problem(answer));
  return answer;
}

export const group = (title, ...children) => h("div", { class: "tool-group" }, h("h3", {}, title), children);

export function labelled(label, field) {
  return h("label", { class: "tool-field" }, h("span", {}, label), field);
}

export function choice(options, onChange = () => {}) {
  return h("select", { class: "field field-small", on: { change: onChange } },
    options.map(([value, text]) => h("option", { value }, text)));
}
