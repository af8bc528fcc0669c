// The bot tab: its process and its line to this sandbox, and how to break both.

import { app, setSettings, socket } from "../api.js";
import { fill, h } from "../dom.js";
import { me, store, t } from "../state.js";
import { group, tool } from "./parts.js";

const SOCKET_ACTS = ["refresh", "warning", "drop", "silence", "resume"];

export class BotTab {
  constructor() {
    this.node = h("div", { class: "tools-row" });
  }

  draw() {
    const { bot, delivery, settings } = store.server;
    const key = JSON.stringify([bot, delivery, settings.slack_off, me().locale]);
    if (this.node.dataset.drawn === key) return;
    this.node.dataset.drawn = key;
    fill(this.node, this.#process(bot), this.#slack(settings.slack_off), this.#line(delivery), this.#reset());
  }

  #process(bot) {
    const { mode, connections } = store.server.delivery;
    const starts = bot.running && mode === "socket" && !connections;
    const running = t(starts ? "bot.starts" : "bot.runs", { pid: bot.pid ?? "?" });
    const state = bot.running ? running : t("bot.stopped", { code: bot.exit_code ?? "–" });
    const buttons = bot.supervised
      ? h("div", { class: "tool-buttons" },
        tool(t("bot.kill"), () => app("kill"), { look: "button-danger", disabled: !bot.running, focus: "kill" }),
        tool(t("bot.stop"), () => app("terminate"), { disabled: !bot.running, focus: "stop" }),
        tool(t("bot.start"), () => app("start"), { look: bot.running ? "" : "button-primary", disabled: bot.running, focus: "start" }))
      : null;
    const lamp = h("span", { class: `lamp lamp-${bot.running && !starts ? "up" : "down"}` });
    return group(t("bot.process"), h("p", { class: "bot-state" }, lamp, state), buttons,
      bot.reason ? h("p", { class: "tool-note" }, t("bot.reason", { reason: bot.reason })) : null,
      h("p", { class: "tool-note" }, t(bot.supervised ? "bot.kill_more" : "bot.not_ours")));
  }

  #slack(off) {
    const label = t(off ? "slack.switch_on" : "slack.switch_off");
    const press = tool(label, () => setSettings({ slack_off: !off }), { look: off ? "button-primary" : "button-danger", focus: "slack" });
    const lamp = h("span", { class: `lamp lamp-${off ? "down" : "up"}` });
    return group("Slack", h("p", { class: "bot-state" }, lamp, t(off ? "slack.off" : "slack.on")),
      h("div", { class: "tool-buttons" }, press), h("p", { class: "tool-note" }, t("slack.more")));
  }

  #line(delivery) {
    if (delivery.mode === "http") {
      return group(t("bot.line"), h("p", { class: "tool-note" }, t("bot.http", { url: delivery.url || "" })));
    }
    const buttons = SOCKET_ACTS.map((what) => tool(t(`socket.${what}`), () => socket(what), { focus: what }));
    return group(t("bot.line"), h("p", { class: "bot-state" }, t("bar.socket", { count: delivery.connections })),
      h("div", { class: "tool-buttons" }, buttons), h("p", { class: "tool-note" }, t("bot.line_more")));
  }

  #reset() {
    return group(t("bot.reset"), h("p", { class: "tool-note" }, t("bot.reset_more")));
  }
}
