// The workshop: a thin bar that says how the sandbox is, and a drawer with its tools.

import { fill, h } from "../dom.js";
import { icon, iconButton } from "../icons.js";
import { me, now, store, t } from "../state.js";
import { messages } from "../phone.js";
import { clockFace } from "../time.js";
import { BotTab } from "./bot.js";
import { ClockTab } from "./clock.js";
import { FaultsTab } from "./faults.js";
import { span } from "./parts.js";
import { TrafficTab } from "./traffic.js";

export class Workshop {
  constructor({ togglePhone }) {
    this.togglePhone = togglePhone;
    this.open = false;
    this.tabs = { clock: new ClockTab(), traffic: new TrafficTab(), faults: new FaultsTab(), bot: new BotTab() };
    this.current = "clock";
    this.bar = h("div", { class: "bar" });
    this.tablist = h("div", { class: "tabs", role: "tablist", on: { keydown: (event) => this.#onTabKey(event) } });
    this.panel = h("div", { class: "tab-panel", role: "tabpanel", id: "workshop-panel", tabindex: "0" });
    this.drawer = h("div", { class: "drawer", id: "workshop-drawer", hidden: true }, this.tablist, this.panel);
    this.node = h("section", { class: "workshop", on: { keydown: (event) => this.#onKey(event) } }, this.bar, this.drawer);
    this.#buildBar();
  }

  #buildBar() {
    this.bot = h("button", { type: "button", class: "bar-item", on: { click: () => this.show("bot") } });
    this.clock = h("button", { type: "button", class: "bar-item", on: { click: () => this.show("clock") } });
    this.faults = h("button", { type: "button", class: "bar-item bar-warn", on: { click: () => this.show("faults") } });
    this.toggle = h("button", { type: "button", class: "bar-item bar-toggle", "aria-controls": "workshop-drawer",
      on: { click: () => this.#setOpen(!this.open) } });
    this.off = h("button", { type: "button", class: "bar-item bar-warn", on: { click: () => this.show("bot") } });
    this.phone = h("button", { type: "button", class: "bar-item", on: { click: () => this.togglePhone() } });
    this.bar.append(this.bot, this.clock, this.off, this.phone, this.faults, this.toggle);
  }

  draw() {
    const { bot, delivery, faults } = store.server;
    this.node.setAttribute("aria-label", t("workshop.title"));
    this.node.dataset.open = String(this.open);
    const waiting = bot.running && delivery.mode === "socket" && !delivery.connections;
    const state = !store.online ? "lost" : waiting ? "wait" : bot.running ? "up" : "down";
    const line = h("small", {}, t(`bar.${delivery.mode}`, { count: delivery.connections }));
    this.#label(this.bot, [h("span", { class: `lamp lamp-${state}` }), t(`bar.${state}`), line],
      JSON.stringify([state, delivery, me().locale]));
    this.#label(this.faults, [icon("alert", 15), t("bar.faults", { count: faults.length })], `${faults.length}${me().locale}`);
    this.faults.hidden = !faults.length;
    this.#label(this.off, [icon("alert", 15), t("bar.slack_off")], me().locale);
    this.off.hidden = !store.server.settings.slack_off;
    this.#label(this.phone, [t("bar.phone"), h("small", {}, String(messages().length))], `${messages().length}${me().locale}`);
    this.#label(this.toggle, [icon("tools", 16), t("workshop.title"), icon(this.open ? "down" : "up", 14)], `${this.open}${me().locale}`);
    this.toggle.setAttribute("aria-expanded", String(this.open));
    this.tick();
    this.#drawTabs();
    if (this.open) this.tabs[this.current].draw();
  }

  #label(node, children, key) {
    if (node.dataset.drawn === key) return;
    node.dataset.drawn = key;
    fill(node, children);
  }

  /** Once a second: the clock in the bar. */
  tick() {
    const offset = store.server.clock.offset;
    const text = clockFace(me(), now());
    this.#label(this.clock, [icon("clock", 16), text, Math.abs(offset) >= 1 ? h("small", {}, span(offset)) : null], `${text}${offset}`);
    if (this.open && this.current === "clock") this.tabs.clock.tick();
  }

  /** New traffic was recorded. */
  hear() {
    if (this.open && this.current === "traffic") this.tabs.traffic.fetch();
  }

  show(name) {
    const same = this.open && this.current === name;
    this.current = name;
    this.#setOpen(!same);
  }

  #setOpen(open) {
    this.open = open;
    this.drawer.hidden = !open;
    this.draw();
    if (open) this.tabs[this.current].opened?.();
  }

  #drawTabs() {
    const key = `${this.current}${me().locale}`;
    if (this.tablist.dataset.drawn === key) return;
    this.tablist.dataset.drawn = key;
    this.tablist.setAttribute("aria-label", t("workshop.title"));
    fill(this.tablist, Object.keys(this.tabs).map((name) => this.#tab(name)),
      iconButton("close", t("modal.close"), () => this.#setOpen(false), { class: "icon-button drawer-close" }));
    fill(this.panel, this.tabs[this.current].node);
  }

  #tab(name) {
    const current = name === this.current;
    return h("button", { type: "button", class: `tab${current ? " is-current" : ""}`, role: "tab", "aria-selected": String(current),
      "aria-controls": "workshop-panel", tabindex: current ? "0" : "-1", data: { tab: name },
      on: { click: () => { this.current = name; this.#setOpen(true); } } }, t(`workshop.${name}`));
  }

  #onTabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(this.tabs);
    this.current = names[(names.indexOf(this.current) + step + names.length) % names.length];
    this.#setOpen(true);
    this.tablist.querySelector(`[data-tab="${this.current}"]`).focus();
  }

  #onKey(event) {
    if (event.key !== "Escape" || !this.open) return;
    event.stopPropagation();
    this.#setOpen(false);
    this.toggle.focus();
  }
}
