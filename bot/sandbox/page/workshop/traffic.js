// The traffic tab: every envelope to the bot and every call it makes, newest first, each one to be opened.

import { attempt } from "../actions.js";
import { getTraffic } from "../api.js";
import { fill, h, patchList } from "../dom.js";
import { icon } from "../icons.js";
import { me, t } from "../state.js";
import { exactTime } from "../time.js";
import { jsonNode } from "./json.js";

const KEPT = 500;
const KINDS = ["all", "in", "out", "failed"];

export class TrafficTab {
  constructor() {
    this.entries = [];
    this.last = 0;
    this.kind = "all";
    this.opened_ = new Set();
    this.list = h("div", { class: "traffic-list" });
    this.search = h("input", { type: "search", class: "field field-small", data: { focus: "traffic-search" },
      on: { input: () => this.#drawList() } });
    this.head = h("div", { class: "traffic-head" });
    this.none = h("p", { class: "tool-note" });
    this.node = h("div", { class: "traffic" }, this.head, this.none, this.list);
  }

  opened() {
    return this.fetch();
  }

  /** Gets what is new; asks once more when news came meanwhile. */
  async fetch() {
    if (this.busy) return (this.again = true);
    this.busy = true;
    const answer = await attempt(() => getTraffic(this.last));
    this.busy = false;
    if (answer.entries) this.#take(answer);
    if (this.again) return (this.again = false), this.fetch();
    return null;
  }

  #take({ entries, last }) {
    if (last < this.last) this.entries = []; // another server run counts from the start
    const known = new Map(this.entries.map((entry) => [entry.n, entry]));
    for (const entry of entries) known.set(entry.n, entry);
    this.entries = [...known.values()].sort((a, b) => b.n - a.n).slice(0, KEPT);
    this.last = last;
    this.#drawList();
  }

  draw() {
    const key = `${me().locale}${this.kind}`;
    if (this.head.dataset.drawn !== key) {
      this.head.dataset.drawn = key;
      this.search.placeholder = t("traffic.filter");
      this.search.setAttribute("aria-label", t("traffic.filter"));
      fill(this.head, h("div", { class: "segments", role: "group" }, KINDS.map((kind) => this.#segment(kind))), this.search);
    }
    this.#drawList();
  }

  #segment(kind) {
    return h("button", { type: "button", class: "segment", "aria-pressed": String(kind === this.kind), data: { focus: `segment ${kind}` },
      on: { click: () => { this.kind = kind; this.draw(); } } }, t(`traffic.${kind}`));
  }

  #matching() {
    const wanted = this.search.value.trim().toLowerCase();
    return this.entries.filter((entry) => this.#isKind(entry) && (!wanted || textOf(entry).includes(wanted)));
  }

  #isKind(entry) {
    if (this.kind === "failed") return failed(entry);
    return this.kind === "all" || entry.direction === this.kind;
  }

  #drawList() {
    const entries = this.#matching();
    this.none.hidden = entries.length > 0;
    this.none.textContent = t("traffic.none");
    patchList(this.list, entries, {
      key: (entry) => entry.n,
      signature: (entry) => [entry.status, entry.ms, me().id].join(),
      build: (entry) => this.#row(entry),
    });
  }

  #row(entry) {
    const row = h("details", { class: `traffic-row${failed(entry) ? " is-failed" : ""}`, open: this.opened_.has(entry.n) },
      h("summary", {},
        h("span", { class: `way way-${entry.direction}`, title: t(`traffic.${entry.direction}`) }, icon(`arrow_${entry.direction}`, 14)),
        h("time", { title: exactTime(me(), entry.at) }, preciseTime(entry.at)),
        h("span", { class: "traffic-kind" }, entry.kind), h("strong", {}, entry.name),
        h("span", { class: "traffic-status" }, statusOf(entry)),
        h("span", { class: "traffic-ms" }, entry.ms === null || entry.ms === undefined ? "" : `${Math.round(entry.ms)} ms`)));
    row.addEventListener("toggle", () => this.#toggled(row, entry));
    if (row.open) row.append(details(entry));
    return row;
  }

  // The JSON is drawn only when it is looked at: a full list stays light.
  #toggled(row, entry) {
    if (row.open) this.opened_.add(entry.n);
    else this.opened_.delete(entry.n);
    if (row.open && row.children.length === 1) row.append(details(entry));
  }
}

const details = (entry) => h("div", { class: "traffic-body" },
  h("div", {}, h("h4", {}, t("traffic.request")), jsonNode(entry.request)),
  h("div", {}, h("h4", {}, t("traffic.response")), jsonNode(entry.response)));

const statusOf = (entry) => String(entry.response?.error || entry.status || "");
const failed = (entry) => entry.response?.ok === false || !/^(ok|2\d\d|)$/.test(String(entry.status ?? ""));
const textOf = (entry) => `${entry.kind} ${entry.name} ${JSON.stringify([entry.request, entry.response])}`.toLowerCase();

function preciseTime(seconds) {
  const at = new Date(seconds * 1000);
  return at.toLocaleTimeString("en-GB", { timeZone: me().tz, hour12: false }) + `.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
