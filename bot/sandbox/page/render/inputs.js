// Fields one types into: text, numbers, addresses, dates and times.

import { h } from "../dom.js";
import { fromWall, toWall } from "../time.js";
import { plainOf } from "./text.js";
import { rawOf, valueOf } from "./values.js";

const TEXT_TYPES = { email_text_input: "email", url_text_input: "url", number_input: "text" };
const MOST = 3000;

export function textInput(element, { block, env, label, focusName }) {
  const field = h(element.multiline ? "textarea" : "input", {
    class: "field", "aria-label": label, autocomplete: "off", placeholder: plainOf(element.placeholder) || null,
    type: element.multiline ? null : "text",
    inputmode: element.type === "number_input" ? "decimal" : TEXT_TYPES[element.type] || null,
    rows: element.multiline ? 4 : null, data: { focus: focusName },
  });
  field.value = rawOf(env.value(block, element)) ?? "";
  const counter = h("span", { class: "counter", "aria-live": "polite" });
  const recount = () => count(counter, field, element, env.ctx.words);
  field.addEventListener("input", () => {
    env.set(block, element, valueOf(element, field.value));
    recount();
    if (tellsOn(element, "on_character_entered")) env.sendSoon(block, element);
  });
  field.addEventListener("keydown", (event) => onEnter(event, element, block, env));
  recount();
  return { node: h("div", { class: "field-box" }, field, counter), field };
}

const tellsOn = (element, trigger) =>
  (element.dispatch_action_config?.trigger_actions_on || ["on_enter_pressed"]).includes(trigger);

function onEnter(event, element, block, env) {
  const enter = event.key === "Enter" && !event.isComposing && !element.multiline;
  if (!enter || !env.clicks(block) || !tellsOn(element, "on_enter_pressed")) return;
  event.preventDefault();
  event.stopPropagation();
  env.send(block, element);
}

// The counter speaks up only near a limit, or while a minimum is not reached.
function count(counter, field, element, words) {
  const length = field.value.length;
  const most = element.max_length || MOST;
  const least = element.min_length || 0;
  const short = length > 0 && length < least;
  const near = length > most * 0.8;
  counter.textContent = short ? words("count.least", { left: least - length }) : near ? `${length} / ${most}` : "";
  counter.classList.toggle("is-over", length > most);
}

const PICKERS = {
  datepicker: { type: "date", show: (raw) => raw, read: (text) => text || null },
  timepicker: { type: "time", show: (raw) => raw, read: (text) => text || null },
  datetimepicker: {
    type: "datetime-local",
    show: (raw, ctx) => toWall(ctx.me, raw),
    read: (text, ctx) => (text ? fromWall(ctx.me, text) : null),
  },
};

/** Dates and times use the browser's own pickers, on the wall clock of the acting person. */
export function picker(element, { block, env, label, focusName }) {
  const { type, show, read } = PICKERS[element.type];
  const raw = rawOf(env.value(block, element));
  const field = h("input", { class: "field field-moment", type, "aria-label": label, data: { focus: focusName } });
  field.value = raw === null || raw === undefined ? "" : show(raw, env.ctx);
  field.addEventListener("change", () => env.changed(block, element, valueOf(element, read(field.value, env.ctx))));
  return { node: h("div", { class: "field-box" }, field), field };
}
