// The three places one looks at: a channel (or private chat), a thread, the App Home. Draws their heads and keeps their parts.

import { perform } from "./actions.js";
import { Composer } from "./composer.js";
import { fill, h } from "./dom.js";
import { ViewForm } from "./form.js";
import { icon, iconButton } from "./icons.js";
import { avatar } from "./person.js";
import { plainOf } from "./render/text.js";
import {
  botPerson, channel as channelOf, isMember, me, nameOf, people, set, store, t, thread, topLevel,
} from "./state.js";
import { Timeline } from "./timeline.js";

const backButton = (label, click) => iconButton("back", label, click, { class: "icon-button back" });

const faces = (members) =>
  h("span", { class: "faces", title: members.map(nameOf).join(", ") }, members.slice(0, 5).map((one) => avatar(one, "xs")));

/** Redraws a head only when what it shows has changed, so that a focused button in it stays. */
function redrawn(node, key, build) {
  if (node.dataset.drawn === key) return;
  node.dataset.drawn = key;
  fill(node, build());
}

/** Whether the acting person may write in a place, and the words that stand in the empty box. */
function mayWrite(channel, name, words) {
  if (channel && !isMember(channel)) return { disabled: true, placeholder: t("composer.outside", { name }) };
  if (!channel && store.server.app?.messages_tab_read_only) return { disabled: true, placeholder: t("direct.read_only") };
  return { disabled: false, placeholder: t(words) };
}

export class ChannelPlace {
  constructor() {
    this.head = h("header", { class: "place-head" });
    this.composer = new Composer({ sending: () => this.timeline.toEnd() });
    this.timeline = new Timeline({ empty: (id) => this.#welcome(id) });
    this.node = h("section", { class: "place" }, this.head, this.timeline.node, this.composer.node);
  }

  draw(id) {
    const channel = channelOf(id);
    const name = channel ? `#${channel.name}` : nameOf(botPerson());
    this.node.setAttribute("aria-label", name);
    redrawn(this.head, JSON.stringify([me().id, channel || id, store.server.bot.name]), () => this.#head(channel, name));
    this.timeline.show(id, topLevel(id));
    this.composer.show({ channel: id, ...mayWrite(channel, name, channel ? "composer.channel" : "composer.direct") });
  }

  #head(channel, name) {
    const members = channel ? people().filter((one) => isMember(channel, one.id)) : [];
    return [
      backButton(t("nav.back"), () => set({ side: true })),
      channel ? h("span", { class: "place-sign" }, icon("hash", 20)) : avatar(botPerson(), "s"),
      h("div", { class: "place-words" }, h("h1", {}, channel ? channel.name : name),
        h("p", { title: channel?.topic || null }, channel ? channel.topic : t("direct.topic"))),
      members.length ? faces(members) : null,
    ];
  }

  #welcome(id) {
    const channel = channelOf(id);
    const command = store.server.commands?.[0];
    return [
      h("span", { class: "welcome-sign" }, channel ? icon("hash", 26) : icon("chat", 26)),
      h("h2", {}, channel ? t("welcome.channel", { name: channel.name }) : t("welcome.direct")),
      h("p", {}, channel ? t("welcome.channel_more") : t("welcome.direct_more")),
      channel && command ? this.#tryButton(command.command) : null,
    ];
  }

  #tryButton(command) {
    const start = () => this.composer.suggest(command);
    return h("button", { type: "button", class: "button button-primary", on: { click: start } }, t("welcome.try", { command }));
  }
}

export class ThreadPlace {
  constructor() {
    this.head = h("header", { class: "place-head" });
    this.composer = new Composer({ thread: true, sending: () => this.timeline.toEnd() });
    this.timeline = new Timeline({ inThread: true, empty: () => h("p", {}, t("thread.gone")) });
    this.node = h("aside", { class: "thread" }, this.head, this.timeline.node, this.composer.node);
  }

  draw(id, ts) {
    const channel = channelOf(id);
    const name = channel ? `#${channel.name}` : nameOf(botPerson());
    this.node.setAttribute("aria-label", t("thread.title"));
    redrawn(this.head, JSON.stringify([me().locale, name]), () => [
      backButton(t("nav.back"), () => set({ thread: null })),
      h("div", { class: "place-words" }, h("h2", {}, t("thread.title")), h("p", {}, name)),
      iconButton("close", t("thread.close"), () => set({ thread: null }), { class: "icon-button thread-close" }),
    ]);
    const key = `${id}/${ts}`;
    if (this.key !== key) this.timeline.channel = null; // another thread starts at its end
    this.key = key;
    this.timeline.show(id, thread(id, ts));
    this.composer.show({ channel: id, threadTs: ts, ...mayWrite(channel, name, "composer.thread") });
  }
}

export class HomePlace {
  constructor() {
    this.forms = new Map(); // one per person: each has their own Home
    this.head = h("header", { class: "place-head" });
    this.body = h("div", { class: "home-body", tabindex: "0" });
    this.node = h("section", { class: "place" }, this.head, this.body);
  }

  draw() {
    const name = nameOf(botPerson());
    this.node.setAttribute("aria-label", t("nav.home"));
    redrawn(this.head, JSON.stringify([me().id, name]), () => [
      backButton(t("nav.back"), () => set({ side: true })),
      avatar(botPerson(), "s"),
      h("div", { class: "place-words" }, h("h1", {}, name), h("p", {}, t("home.topic"))),
    ]);
    const view = store.server.homes?.[me().id];
    if (view) this.#show(view);
    else this.#blank();
  }

  #show(view) {
    if (!this.forms.has(me().id)) this.forms.set(me().id, new ViewForm({ home: true }));
    const form = this.forms.get(me().id);
    form.show(view);
    if (this.body.firstChild !== form.node) this.body.replaceChildren(form.node);
    this.body.setAttribute("aria-label", plainOf(view.title) || t("nav.home"));
  }

  #blank() {
    const key = `blank ${me().locale}`;
    if (this.body.firstChild?.dataset?.key === key) return;
    fill(this.body, h("div", { class: "timeline-blank", data: { key } }, h("span", { class: "welcome-sign" }, icon("home", 26)),
      h("h2", {}, t("home.blank")), h("p", {}, t("home.blank_more"))));
  }
}

/** Going to the App Home tells the bot, as Slack does. */
export function openHome() {
  set({ place: { kind: "home", channel: null }, thread: null, side: false });
  return perform({ do: "home" }, { quiet: true });
}

export function openChannel(id, highlight = null, threadTs = null) {
  set({ place: { kind: "channel", channel: id }, thread: threadTs, side: false, highlight });
}
