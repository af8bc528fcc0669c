// Draws one message: who, when, what, and what can be done with it.

import { perform } from "./actions.js";
import { aging, h } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar } from "./person.js";
import { addressOf, picture } from "./picture.js";
import { renderBlocks } from "./render/blocks.js";
import { initialValue, isStateful, rawOf, valueKey } from "./render/values.js";
import { context, nameOf, person, set, store, t } from "./state.js";
import { ago, clockTime, exactTime } from "./time.js";
import { toast } from "./toast.js";

const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const CARD_BLOCKS = new Set(["header", "actions", "divider", "image", "input"]);

function authorOf(message) {
  const id = message.user || message.bot_id;
  return person(message.user) || { id, name: message.username || id, is_bot: Boolean(message.bot_id) };
}

/** What must be equal for a drawn message to be kept. */
export const signature = (message, extra = "") => JSON.stringify(message) + extra;

/** `compact`: the author's name was just above. `inThread`: replies are not announced. */
export function messageNode(message, { channel, compact = false, inThread = false, replies = [] }) {
  const ctx = context();
  const author = authorOf(message);
  const seconds = Number(message.ts);
  const label = `${nameOf(author)} ${clockTime(ctx.me, seconds)}`;
  return h("article", { class: classes(message, compact), data: { ts: message.ts }, tabindex: "-1", "aria-label": label },
    message.ephemeral_to ? h("p", { class: "only-you" }, icon("eye", 14), t("message.only_you")) : null,
    h("div", { class: "message-side" }, compact ? timeLink(ctx, seconds, channel, message, true) : avatar(author)),
    h("div", { class: "message-main" },
      compact ? null : byline(ctx, author, message, channel),
      body(message, ctx, channel), files(message), marks(message, ctx),
      inThread ? null : replyBar(message, ctx, channel, replies)),
    tools(message, channel, inThread));
}

function classes(message, compact) {
  return ["message", compact ? "is-compact" : "", message.ephemeral_to ? "is-private" : ""].filter(Boolean).join(" ");
}

function byline(ctx, author, message, channel) {
  return h("p", { class: "byline" }, h("strong", {}, nameOf(author)),
    author.is_bot ? h("span", { class: "tag" }, t("message.app")) : null,
    author.is_stranger ? h("span", { class: "tag" }, t("role.stranger")) : null,
    timeLink(ctx, Number(message.ts), channel, message));
}

function timeLink(ctx, seconds, channel, message, faint = false) {
  return h("a", { class: faint ? "when when-faint" : "when", href: `#${channel}/${message.ts}`, title: exactTime(ctx.me, seconds) },
    h("time", { datetime: new Date(seconds * 1000).toISOString() }, clockTime(ctx.me, seconds)));
}

function body(message, ctx, channel) {
  if (!message.blocks?.length) return message.text ? h("div", { class: wordsLook(message) }, mrkdwn(wordsOf(message), ctx)) : null;
  const card = message.blocks.some((block) => CARD_BLOCKS.has(block.type) || block.fields || block.accessory);
  return h("div", { class: card ? "card" : "plain" }, renderBlocks(message.blocks, env(message, channel, ctx)));
}

// What Slack says itself it says in each reader's language.
const wordsOf = (message) => {
  if (message.subtype !== "channel_topic") return message.text;
  return message.topic ? t("message.topic", { topic: message.topic }) : t("message.topic_cleared");
};

const wordsLook = (message) => (message.subtype === "channel_topic" ? "words is-notice" : "words");

function env(message, channel, ctx) {
  const values = new Map();
  const name = (block, element) => `${block.block_id}/${element.action_id}`;
  const where = { channel, ts: message.ts };
  const send = (block, element, extra = {}) => {
    const own = isStateful(element) ? { [valueKey(element.type)]: rawOf(values.get(name(block, element))) } : {};
    return perform({ do: "click", where, block_id: block.block_id, action_id: element.action_id, ...own, ...extra });
  };
  return {
    ctx, send, clicks: () => true, sendSoon: send,
    value: (block, element) => values.get(name(block, element)) || initialValue(element),
    set: (block, element, value) => values.set(name(block, element), value),
    changed: (block, element, value) => {
      values.set(name(block, element), value);
      send(block, element);
    },
    suggest: (block, element, query) =>
      perform({ do: "suggest", where, block_id: block.block_id, action_id: element.action_id, query }, { quiet: true }),
  };
}

function files(message) {
  if (!message.files?.length) return null;
  return h("div", { class: "files" }, message.files.map((file) => {
    const name = file.title || file.name;
    const link = (...inside) => h("a", { class: "file", href: addressOf(file.id), target: "_blank", rel: "noopener" }, inside);
    if (!SHOWN.has(file.mimetype)) return link(icon("file"), h("span", {}, name));
    return h("figure", { class: "file-image" }, h("figcaption", {}, name), picture(addressOf(file.id), file.alt_txt || name));
  }));
}

function reaction({ name, users = [], count }, ctx) {
  return h("span", { class: `reaction${users.includes(ctx.me.id) ? " is-mine" : ""}` }, mrkdwn(`:${name}:`, ctx), ` ${count}`);
}

function marks(message, ctx) {
  const edited = message.edited ? h("span", { class: "edited" }, t("message.edited")) : null;
  const reactions = (message.reactions || []).map((one) => reaction(one, ctx));
  return edited || reactions.length ? h("p", { class: "marks" }, edited, reactions) : null;
}

function replyBar(message, ctx, channel, replies) {
  if (!replies.length) return null;
  const authors = [...new Map(replies.map((reply) => [reply.user || reply.bot_id, authorOf(reply)])).values()];
  const last = Number(replies[replies.length - 1].ts);
  return h("button", { type: "button", class: "reply-bar", data: { focus: "replies" }, on: { click: () => openThread(channel, message.ts) } },
    h("span", { class: "reply-faces" }, authors.slice(0, 4).map((one) => avatar(one, "xs"))),
    h("strong", {}, t("thread.replies", { count: replies.length })),
    aging("span", { class: "reply-when" }, () => t("thread.last", { when: ago(ctx.me, last, ctx.now()) })));
}

export function openThread(channel, ts) {
  set({ thread: ts, place: { kind: "channel", channel }, side: false });
}

// ---- what can be done with a message ----

function tools(message, channel, inThread) {
  const buttons = [];
  const reply = () => openThread(channel, message.ts);
  if (!message.ephemeral_to && !inThread) buttons.push(iconButton("reply", t("message.reply"), reply, { data: { focus: "reply" } }));
  const open = () => openMenu(more, menuOf(message, channel, inThread), { align: "end", label: t("message.more") });
  const about = { "aria-haspopup": "menu", "aria-expanded": "false", data: { focus: "more" } };
  const more = iconButton("more", t("message.more"), open, about);
  return h("div", { class: "tools" }, buttons, more);
}

function menuOf(message, channel, inThread) {
  if (message.ephemeral_to) return [{ label: t("message.dismiss"), run: () => perform({ do: "dismiss", channel, ts: message.ts }) }];
  const shortcuts = (store.server?.shortcuts || []).filter((one) => one.type === "message");
  const mine = message.user === context().me.id && !message.bot_id;
  return [
    ...(inThread ? [] : [{ label: t("message.reply"), run: () => openThread(channel, message.thread_ts || message.ts) }]),
    { label: t("message.copy_link"), run: () => copyLink(channel, message) },
    ...(mine ? [{ label: t("message.delete"), danger: true, run: () => perform({ do: "delete", channel, ts: message.ts }) }] : []),
    ...(shortcuts.length ? [{ heading: t("message.shortcuts") }] : []),
    ...shortcuts.map((one) => ({ label: one.name, hint: one.description,
      run: () => perform({ do: "message_shortcut", callback_id: one.callback_id, channel, ts: message.ts }) })),
  ];
}

async function copyLink(channel, message) {
  const reply = message.thread_ts && message.thread_ts !== message.ts ? `?thread_ts=${message.thread_ts}&cid=${channel}` : "";
  const url = `${window.location.origin}/archives/${channel}/p${message.ts.replace(".", "")}${reply}`;
  try {
    await navigator.clipboard.writeText(url);
    toast(t("message.link_copied"), { kind: "done" });
  } catch {
    toast(url, { kind: "done" }); // no right to the clipboard: the address is at least shown
  }
}
