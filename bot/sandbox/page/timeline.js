// A list of messages with day dividers that follows its end while one reads there, and stays put otherwise.

import { fill, h, patchList } from "./dom.js";
import { messageNode, signature } from "./message.js";
import { me, now, repliesByThread, store, t } from "./state.js";
import { dayName, dayOf } from "./time.js";

const GROUP_SECONDS = 300;
const PAGE = 120;
const NEAR_END_PX = 80;

export class Timeline {
  constructor({ inThread = false, empty }) {
    this.inThread = inThread;
    this.empty = empty;
    this.list = h("div", { class: "timeline-list", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    this.earlier = h("button", { type: "button", class: "button earlier", on: { click: () => this.#showEarlier() } });
    this.blank = h("div", { class: "timeline-blank" });
    const hear = { scroll: () => this.#noteScroll(), listclosed: () => this.#follow() };
    this.node = h("div", { class: "timeline", tabindex: "0", on: hear }, this.earlier, this.blank, this.list);
    this.atEnd = true;
    this.shown = PAGE;
    // Cards grow when their pictures or fonts arrive; whoever reads at the end stays at the end.
    new ResizeObserver(() => this.#follow()).observe(this.list);
    new ResizeObserver(() => this.#follow()).observe(this.node);
  }

  show(channel, messages) {
    if (channel !== this.channel) Object.assign(this, { channel, shown: PAGE, atEnd: true });
    this.all = messages;
    this.#reveal();
    const visible = messages.slice(-this.shown);
    this.earlier.hidden = visible.length === messages.length;
    this.earlier.textContent = t("timeline.earlier", { count: messages.length - visible.length });
    this.blank.hidden = messages.length > 0;
    if (!messages.length && this.empty) fill(this.blank, this.empty(channel));
    patchList(this.list, this.#items(visible), {
      key: (item) => item.key, signature: (item) => item.signature, build: (item) => item.build(),
    });
    this.#follow();
    this.#highlight();
  }

  #items(messages) {
    const reader = [me().id, me().locale, me().tz].join();
    const today = dayOf(me(), now());
    const below = this.inThread ? new Map() : repliesByThread(this.channel);
    const items = [];
    let before = null;
    let dayBefore = null;
    for (const message of messages) {
      const day = dayOf(me(), Number(message.ts));
      if (day !== dayBefore) items.push(this.#divider(message, day, reader + today));
      items.push(this.#message(message, day === dayBefore ? before : null, reader, below.get(message.ts) || []));
      before = message;
      dayBefore = day;
    }
    return items;
  }

  #divider(message, day, reader) {
    const text = dayName(me(), Number(message.ts), now(), t);
    const build = () => h("div", { class: "day", role: "separator", "aria-label": text }, h("span", {}, text));
    return { key: `day ${day}`, signature: reader, build };
  }

  #message(message, before, reader, below) {
    const compact = Boolean(before) && belongTogether(before, message);
    const extra = `${reader}${compact}${below.map((one) => one.ts)}`;
    return { key: message.ts, signature: signature(message, extra),
      build: () => messageNode(message, { channel: this.channel, compact, inThread: this.inThread, replies: below }) };
  }

  #showEarlier() {
    const height = this.node.scrollHeight;
    this.shown += PAGE;
    this.atEnd = false;
    this.show(this.channel, this.all);
    this.node.scrollTop += this.node.scrollHeight - height;
  }

  /** Goes to the end and stays there: who sent something sees what comes of it. */
  toEnd() {
    this.atEnd = true;
    this.#follow();
  }

  #noteScroll() {
    this.atEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_END_PX;
  }

  // While a menu is open nothing moves away under the pointer.
  #follow() {
    if (this.atEnd && !this.list.querySelector("[aria-expanded=true]")) this.node.scrollTop = this.node.scrollHeight;
  }

  // A permalink may point at a message further up than what is drawn.
  #reveal() {
    const at = this.all.findIndex((one) => one.ts === store.highlight);
    if (at >= 0) this.shown = Math.max(this.shown, this.all.length - at);
  }

  #highlight() {
    const wanted = store.highlight && this.list.querySelector(`[data-ts="${CSS.escape(store.highlight)}"]`);
    if (!wanted || (!this.inThread && store.thread && store.thread !== store.highlight)) return;
    store.highlight = null;
    this.atEnd = false;
    wanted.scrollIntoView({ block: "center" });
    wanted.classList.add("is-pointed-at");
    setTimeout(() => wanted.classList.remove("is-pointed-at"), 2500);
  }
}

function belongTogether(before, message) {
  const sameAuthor = before.user === message.user && before.bot_id === message.bot_id;
  const plain = !before.ephemeral_to && !message.ephemeral_to && !before.blocks?.length && !message.blocks?.length;
  return sameAuthor && plain && Number(message.ts) - Number(before.ts) < GROUP_SECONDS;
}
