// While Slack is switched off: one line above it that says why nothing happens there, and what to do.

import { setSettings } from "./api.js";
import { fill, h } from "./dom.js";
import { me, store, t } from "./state.js";
import { tool } from "./workshop/parts.js";

export class SlackOff {
  constructor() {
    this.node = h("section", { class: "slack-off", role: "status" });
  }

  draw() {
    const off = store.server.settings.slack_off;
    this.node.hidden = !off;
    const key = off ? me().locale : "";
    if (this.node.dataset.drawn === key) return;
    this.node.dataset.drawn = key;
    fill(this.node, ...(off ? [h("p", {}, t("slack.off_why")),
      tool(t("slack.off_end"), () => setSettings({ slack_off: false }), { focus: "slack-off" })] : []));
  }
}
