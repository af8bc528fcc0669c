// The clock tab: what time it is here, and how to move it.

import { moveClock } from "../api.js";
import { fill, h } from "../dom.js";
import { me, now, store, t } from "../state.js";
import { exactTime } from "../time.js";
import { ask, group, span, tool } from "./parts.js";

const STEPS = [600, 3600, 8 * 3600, 86400];
const UNITS = [60, 3600, 86400];

export class ClockTab {
  constructor() {
    this.node = h("div", { class: "tools-row" });
    this.face = h("p", { class: "clock-face", role: "timer" });
    this.note = h("p", { class: "tool-note" });
  }

  draw() {
    this.tick();
    if (this.node.dataset.drawn === me().locale) return;
    this.node.dataset.drawn = me().locale;
    const label = { "aria-label": t("clock.custom") };
    const amount = h("input", { class: "field field-small field-number", type: "number", min: "1", step: "1", value: "30", ...label });
    const units = UNITS.map((size) => h("option", { value: String(size) }, t(`clock.unit_${size}`)));
    const unit = h("select", { class: "field field-small", ...label }, units);
    fill(this.node,
      group(t("clock.now"), this.face, this.note),
      group(t("clock.forward"), h("div", { class: "tool-buttons" },
        STEPS.map((seconds) => tool(span(seconds), () => moveClock({ advance: seconds }))))),
      group(t("clock.custom"), h("form", { class: "tool-buttons", on: { submit: (event) => this.#custom(event, amount, unit) } },
        amount, unit, h("button", { type: "submit", class: "button" }, t("clock.move")))),
      group(t("clock.back"), h("div", { class: "tool-buttons" }, tool(t("clock.reset"), () => moveClock({ offset: 0 })))));
  }

  tick() {
    this.face.textContent = exactTime(me(), now());
    const offset = store.server.clock.offset;
    this.note.textContent = Math.abs(offset) < 1 ? t("clock.real") : t("clock.ahead", { span: span(offset) });
  }

  #custom(event, amount, unit) {
    event.preventDefault();
    const seconds = Number(amount.value) * Number(unit.value);
    if (seconds > 0) ask(() => moveClock({ advance: seconds }));
  }
}
