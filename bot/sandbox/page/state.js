// Holds what the page knows: the server's last state, who acts, where they look. Draws nothing.

import { words } from "./words.js";

const NOBODY = { id: "", name: "", locale: "en-US", tz: "UTC" };

export const store = {
  server: null,
  online: true,
  meId: null,
  place: { kind: "channel", channel: null },
  thread: null, // the ts of the thread's first message
  side: false, // on a phone: is the list of channels in front?
  highlight: null,
  seen: {}, // {person: {channel: ts of the newest message they looked at}}
};

const listeners = new Set();
let scheduled = false;

export const subscribe = (fn) => listeners.add(fn);

/** Changes the page's state; everything that listens is redrawn once per frame. */
export function set(change) {
  Object.assign(store, change);
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    for (const fn of listeners) fn();
  });
}

export const me = () => people().find((person) => person.id === store.meId) || people()[0] || NOBODY;
export const language = () => (/^zh/i.test(me().locale || "") ? "zh-CN" : "en");
export const t = (key, values) => words(language(), key, values);
export const now = () => Date.now() / 1000 + (store.server?.clock?.offset || 0);

/** The people one can act as: everybody of the list but bots. */
export function people() {
  return (store.server?.people || []).filter((person) => !person.is_bot);
}

export function person(id) {
  if (id && id === store.server?.bot?.user_id) return botPerson();
  return (store.server?.people || []).find((one) => one.id === id) || null;
}

export const botPerson = () => ({ id: store.server?.bot?.user_id, name: store.server?.bot?.name || "App", is_bot: true });
export const nameOf = (one) => one.display_name || one.name || one.id;
export const channels = () => store.server?.channels || [];
export const channel = (id) => channels().find((one) => one.id === id) || null;
export const usergroup = (id) => (store.server?.usergroups || []).find((one) => one.id === id) || null;
export const dm = (user = me().id) => (store.server?.dms || []).find((one) => one.user === user) || null;
export const isMember = (one, user = me().id) => !one.members || one.members.includes(user);

/** All messages of a channel that the acting person may see, oldest first. */
export function messages(channelId) {
  const all = store.server?.messages?.[channelId] || [];
  const reader = me().id;
  return all.filter((one) => !one.deleted && (!one.ephemeral_to || one.ephemeral_to === reader));
}

const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;

export const topLevel = (channelId) =>
  messages(channelId).filter((one) => !isReply(one) || one.subtype === "thread_broadcast" || one.reply_broadcast);
export const thread = (channelId, ts) => messages(channelId).filter((one) => one.ts === ts || one.thread_ts === ts);

/** The public replies of a channel by the ts of their thread's first message; made once for a whole list. */
export function repliesByThread(channelId) {
  const found = new Map();
  for (const one of messages(channelId)) {
    if (!isReply(one) || one.ephemeral_to) continue;
    if (found.has(one.thread_ts)) found.get(one.thread_ts).push(one);
    else found.set(one.thread_ts, [one]);
  }
  return found;
}

/** The reader's surroundings, as the renderers need them. */
export function context() {
  return { me: me(), person, channel, usergroup, nameOf, words: t, now, language: language(), people, channels };
}

// ---- what is new ------------------------------------------------------------------------------------------------

const SEEN_KEY = "csp-sandbox-seen";
const newestTs = (list) => list.reduce((top, one) => (one.ts > top ? one.ts : top), "");

/** At the first look everything counts as read, for everybody; later only what was looked at. */
export function recallSeen() {
  try {
    store.seen = JSON.parse(localStorage.getItem(SEEN_KEY)) || {};
  } catch {
    store.seen = {};
  }
  for (const one of people()) store.seen[one.id] ||= currentHeads();
}

function currentHeads() {
  const heads = {};
  for (const [id, list] of Object.entries(store.server?.messages || {})) heads[id] = newestTs(list);
  return heads;
}

export function markSeen(channelId) {
  const head = newestTs(messages(channelId));
  const mine = (store.seen[me().id] ||= {});
  if (mine[channelId] === head) return;
  mine[channelId] = head;
  localStorage.setItem(SEEN_KEY, JSON.stringify(store.seen));
}

/** How many messages of others a person has not looked at in a channel. */
export function unread(channelId, user = me().id) {
  const since = store.seen[user]?.[channelId] || "";
  const list = store.server?.messages?.[channelId] || [];
  return list.filter((one) => one.ts > since && isNews(one, user)).length;
}

function isNews(message, user) {
  if (message.deleted || message.user === user || isReply(message)) return false;
  return !message.ephemeral_to || message.ephemeral_to === user;
}

/** Something waits for a person: a private message they have not read. */
export const waiting = (user) => Boolean(dm(user) && unread(dm(user).id, user));
