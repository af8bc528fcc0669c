// A phone beside Slack: what reaches the acting person by other ways, such as WeCom or a call.
// On a narrow screen it is a strip with the newest message, below Slack, which opens over it.

import { h, patchList } from "./dom.js";
import { iconButton } from "./icons.js";
import { me, store, t } from "./state.js";
import { clockFace, exactTime } from "./time.js";

const CALLS = ["hook", "feishu_phone"]; // what rings
const NARROW = window.matchMedia("(max-width: 760px)"); // as in phone.css
const LINK = /https?:\/\/[^\s]+/g;

export class Phone {
  constructor() {
    this.tall = false; // on a narrow screen: does it stand over Slack?
    this.open = null; // until somebody closes or opens it, it opens with its first message
    this.rung = 0; // the newest call that was heard: a new one opens a phone that was closed
    this.owner = ""; // whose phone was drawn last
    this.head = h("header", { class: "phone-head" });
    this.list = h("div", { class: "phone-list", role: "log", tabindex: "0" });
    this.node = h("aside", { class: "phone",
      on: { keydown: (event) => this.#onKey(event), click: (event) => this.#onClick(event) } }, this.head, this.list);
    NARROW.addEventListener("change", () => store.server && this.#setTall(false)); // the newest message is in view again
  }

  toggle(open) {
    this.open = open ?? (this.node.hidden || (NARROW.matches && !this.tall));
    this.#setTall(this.open);
  }

  #setTall(tall) {
    this.tall = tall;
    this.draw();
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** As a person asks for it: the button that they pressed keeps the focus. */
  #resize(tall) {
    this.#setTall(tall);
    this.head.querySelector(".phone-grow").focus();
  }

  /** A touch anywhere on the strip opens it. */
  #onClick(event) {
    if (NARROW.matches && !this.tall && !event.target.closest("button")) this.#resize(true);
  }

  #onKey(event) {
    if (event.key !== "Escape" || !NARROW.matches || !this.tall) return;
    event.stopPropagation();
    this.#resize(false);
  }

  draw() {
    const mine = messages();
    const rings = this.#hear(mine);
    const wasAway = this.node.hidden || this.owner !== me().id;
    this.owner = me().id;
    this.node.hidden = !(this.open ?? mine.length > 0);
    this.node.dataset.tall = String(this.tall);
    this.list.inert = NARROW.matches && !this.tall; // there is no room to press a link
    this.node.setAttribute("aria-label", t("phone.title", { name: me().real_name || me().name }));
    this.#drawHead();
    const shown = mine.length ? mine : [{ id: 0 }];
    const toEnd = rings || wasAway || this.list.scrollTop + this.list.clientHeight >= this.list.scrollHeight - 20;
    patchList(this.list, shown, {
      key: (one) => String(one.id),
      signature: (one) => `${one.id}${me().locale}${me().tz}`,
      build: (one) => (one.id ? bubble(one) : h("p", { class: "phone-empty" }, t("phone.empty"))),
    });
    if (toEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  #hear(mine) {
    const call = mine.findLast((one) => CALLS.includes(one.channel))?.id ?? 0;
    const rings = call > this.rung;
    if (rings && this.open === false) this.open = true;
    this.rung = call;
    return rings;
  }

  #drawHead() {
    const key = `${me().id}${me().locale}${this.tall}`;
    if (this.head.dataset.drawn === key) return;
    this.head.dataset.drawn = key;
    this.head.replaceChildren(
      h("h2", {}, t("phone.title", { name: me().real_name || me().name })),
      iconButton(this.tall ? "down" : "up", t(this.tall ? "phone.shrink" : "phone.grow"), () => this.#resize(!this.tall),
        { class: "icon-button phone-grow", "aria-expanded": String(this.tall) }),
      iconButton("close", t("phone.close"), () => this.toggle(false), { class: "icon-button" }),
    );
  }
}

/** What the acting person sees: their own messages, and those of group robots. */
export const messages = () => (store.server.phone?.messages || []).filter((one) => !one.to || one.to === me().id);

function bubble(one) {
  const rings = CALLS.includes(one.channel);
  return h("article", { class: `phone-message${rings ? " rings" : ""}` },
    h("header", {}, h("strong", {}, t(`phone.${one.channel}`)), h("time", { title: exactTime(me(), one.at) }, clockFace(me(), one.at))),
    h("p", {}, ...withLinks(one.text)));
}

function withLinks(text) {
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(text.slice(last, match.index), h("a", { href: match[0], target: "_blank", rel: "noopener noreferrer" }, match[0]));
    last = match.index + match[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}
