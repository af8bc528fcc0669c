// The faults tab: what shall go wrong with the bot's next calls.

import { clearFaults, setFault, setLatency } from "../api.js";
import { fill, h } from "../dom.js";
import { me, store, t } from "../state.js";
import { ask, choice, group, labelled, tool } from "./parts.js";

const METHODS = [
  "*", "chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.update", "views.publish",
  "conversations.history", "conversations.setTopic", "usergroups.users.update", "users.info",
  "files.completeUploadExternal", "upload", "response_url", "socket",
];
const MODES = [
  "ratelimited", "http_500", "http_503", "drop_before", "drop_after", "hang", "late_commit", "ok_false", "truncated",
  "redirect", "delay",
];
const EXTRA = { ratelimited: ["retry_after", 5], hang: ["seconds", 30], late_commit: ["seconds", 10], delay: ["seconds", 2] };
const ERRORS = [
  "internal_error", "fatal_error", "permission_denied", "failed_for_some_users", "invalid_users", "user_disabled", "channel_not_found",
  "not_in_channel", "is_archived", "invalid_auth", "token_revoked", "missing_scope", "msg_too_long", "expired_trigger_id",
];
const LATENCIES = [0, 0.1, 0.5, 2];

export class FaultsTab {
  constructor() {
    this.node = h("div", { class: "tools-row" });
    this.active = h("ul", { class: "fault-list" });
  }

  draw() {
    const latency = store.server.settings?.latency ?? 0;
    const key = JSON.stringify([me().locale, latency]);
    if (this.node.dataset.drawn !== key) this.#build(latency);
    this.node.dataset.drawn = key;
    this.#drawActive();
  }

  #build(latency) {
    const keep = [this.method?.value, this.mode?.value];
    this.method = choice(METHODS.map((name) => [name, name === "*" ? t("faults.any") : name]));
    this.mode = choice(MODES.map((name) => [name, t(`fault.${name}`)]), () => this.#showExtra());
    this.times = choice([["1", t("faults.once")], ["3", t("faults.thrice")], ["-1", t("faults.always")]]);
    this.extra = h("input", { class: "field field-small field-number", type: "number", min: "0" });
    this.extraBox = labelled("", this.extra);
    this.error = choice(ERRORS.map((name) => [name, name]));
    this.errorBox = labelled(t("faults.error"), this.error);
    if (keep[0]) [this.method.value, this.mode.value] = keep;
    this.note = h("p", { class: "tool-note" });
    fill(this.node,
      group(t("faults.next"), h("form", { class: "tool-form", on: { submit: (event) => this.#set(event) } },
        labelled(t("faults.method"), this.method), labelled(t("faults.mode"), this.mode),
        labelled(t("faults.times"), this.times), this.extraBox, this.errorBox,
        h("button", { type: "submit", class: "button button-primary" }, t("faults.set"))), this.note),
      group(t("faults.waiting"), this.active, tool(t("faults.clear"), clearFaults)),
      group(t("faults.latency"), h("div", { class: "segments" }, LATENCIES.map((seconds) => this.#latency(seconds, latency))),
        h("p", { class: "tool-note" }, t("faults.latency_more"))));
    this.#showExtra();
  }

  #latency(seconds, now) {
    const pressed = String(Math.abs(seconds - now) < 0.001);
    return h("button", { type: "button", class: "segment", "aria-pressed": pressed, data: { focus: `latency ${seconds}` },
      on: { click: () => ask(() => setLatency(seconds)) } }, `${seconds} s`);
  }

  #showExtra() {
    const extra = EXTRA[this.mode.value];
    this.extraBox.hidden = !extra;
    this.errorBox.hidden = this.mode.value !== "ok_false";
    if (extra) {
      this.extraBox.firstChild.textContent = t(`faults.${extra[0]}`);
      this.extra.value = extra[1];
    }
    this.note.textContent = t(`fault.${this.mode.value}_more`);
  }

  #set(event) {
    event.preventDefault();
    const mode = this.mode.value;
    const extra = EXTRA[mode] ? { [EXTRA[mode][0]]: Number(this.extra.value) } : {};
    const error = mode === "ok_false" ? { error: this.error.value } : {};
    ask(() => setFault({ method: this.method.value, mode, times: Number(this.times.value), ...extra, ...error }));
  }

  #drawActive() {
    const faults = store.server.faults || [];
    const lines = faults.map((fault) => h("li", {}, h("code", {}, fault.method), " ", t(`fault.${fault.mode}`),
      h("small", {}, fault.left < 0 ? t("faults.always") : t("faults.left", { count: fault.left }))));
    fill(this.active, lines.length ? lines : h("li", { class: "tool-note" }, t("faults.none")));
  }
}
