// The clock tab: what time it is here, and how to move it.

import { moveClock } from "../api.js";
import { fill, h } from "../dom.js";
import { me, now, store, t } from "../state.js";
import { exactTime, nextAt } from "../time.js";
import { toast } from "../toast.js";
import { ask, group, labelled, span, tool } from "./parts.js";

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
    const key = `${me().locale} ${me().tz}`;
    if (this.node.dataset.drawn === key) return;
    this.node.dataset.drawn = key;
    const label = { "aria-label": t("clock.custom") };
    const amount = h("input", { class: "field field-small field-number", type: "number", min: "1", step: "1", value: "30", ...label });
    const units = UNITS.map((size) => h("option", { value: String(size) }, t(`clock.unit_${size}`)));
    const unit = h("select", { class: "field field-small", ...label }, units);
    fill(this.node,
      group(t("clock.now"), this.face, this.note),
      group(t("clock.set"), this.#setForm(), h("p", { class: "tool-note" }, t("clock.zone", { zone: me().tz }))),
      group(t("clock.forward"), h("div", { class: "tool-buttons" },
        STEPS.map((seconds) => tool(span(seconds), () => moveClock({ advance: seconds }))))),
      group(t("clock.custom"), h("form", { class: "tool-buttons", on: { submit: (event) => this.#custom(event, amount, unit) } },
        amount, unit, h("button", { type: "submit", class: "button" }, t("clock.move")))),
      group(t("clock.back"), h("div", { class: "tool-buttons" }, tool(t("clock.reset"), () => moveClock({ offset: 0 })))));
  }

  /** A time of day, on a date or the next time it comes, as the acting person's wall clock shows it. */
  #setForm() {
    const time = h("input", { class: "field field-small", type: "time", required: true });
    const date = h("input", { class: "field field-small", type: "date", max: "2099-12-31" });
    const submit = (event) => {
      event.preventDefault();
      const to = nextAt(me(), now(), time.value, date.value);
      if (to === null) return;
      if (to < now()) toast(t("problem.clock_backward"));
      else ask(() => moveClock({ to }));
    };
    return h("form", { class: "tool-form", on: { submit } },
      labelled(t("clock.time"), time), labelled(t("clock.date"), date),
      h("button", { type: "submit", class: "button" }, t("clock.set_there")));
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
