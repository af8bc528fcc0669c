// Turns Slack's mrkdwn into DOM nodes for one reader. Whatever it does not recognise stays text.

import { aging, h } from "./dom.js";
import { emoji } from "./emoji.js";
import { dateTokens } from "./time.js";

const STYLES = { "*": "strong", _: "em", "~": "s" };
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const WORD = /[\p{L}\p{N}]/u;
const URL_IN_TEXT = /\bhttps?:\/\/[^\s<>|]+[^\s<>|.,;:!?)'"]/g;

export const decode = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

/** Renders a whole mrkdwn text: code fences, quotes, lines. */
export function mrkdwn(text, ctx, { verbatim = false } = {}) {
  const out = [];
  String(text).split("```").forEach((part, index, parts) => {
    const fenced = index % 2 === 1 && index < parts.length - 1;
    if (fenced) out.push(h("pre", {}, decode(part.replace(/^\n|\n$/g, ""))));
    else out.push(...paragraphs(index % 2 === 1 ? `\`\`\`${part}` : part, ctx, verbatim, index > 0));
  });
  return out;
}

function paragraphs(text, ctx, verbatim, afterFence) {
  const out = [];
  let quote = null;
  const lines = (afterFence ? text.replace(/^\n/, "") : text).split("\n");
  lines.forEach((line, index) => {
    const quoted = line.match(/^(?:&gt;|>) ?(.*)$/);
    if (quoted) {
      if (!quote) out.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1], ctx, verbatim));
      return;
    }
    if (index > 0 && !quote) out.push(h("br"));
    quote = null;
    out.push(...inline(line, ctx, verbatim));
  });
  return out;
}

/** Renders one line. */
export function inline(line, ctx, verbatim = false) {
  const out = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push(...plainText(plain, verbatim));
    plain = "";
  };
  let at = 0;
  while (at < line.length) {
    const found = special(line, at, ctx, verbatim);
    if (found) {
      flush();
      out.push(...found.nodes);
      at = found.end;
    } else {
      plain += line[at];
      at += 1;
    }
  }
  flush();
  return out;
}

function special(line, at, ctx, verbatim) {
  const sign = line[at];
  if (sign === "<") return token(line, at, ctx);
  if (sign === "`") return code(line, at);
  if (sign === ":") return shortName(line, at);
  if (STYLES[sign]) return styled(line, at, ctx, verbatim);
  return null;
}

function token(line, at, ctx) {
  const end = line.indexOf(">", at);
  if (end < at + 2) return null;
  return { nodes: [tokenNode(line.slice(at + 1, end), ctx)], end: end + 1 };
}

function code(line, at) {
  const end = line.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { nodes: [h("code", {}, decode(line.slice(at + 1, end)))], end: end + 1 };
}

function shortName(line, at) {
  const match = /^:([a-z0-9_+'-]+):/.exec(line.slice(at, at + 60));
  const node = match && emoji(match[1]);
  return node ? { nodes: [node], end: at + match[0].length } : null;
}

// Slack styles a run only when the signs stand at word boundaries; Chinese letters count as letters, as they do there.
function styled(line, at, ctx, verbatim) {
  const sign = line[at];
  if ((at > 0 && WORD.test(line[at - 1])) || !line[at + 1] || /[\s]/.test(line[at + 1]) || line[at + 1] === sign) return null;
  const end = closing(line, at);
  if (end < 0) return null;
  return { nodes: [h(STYLES[sign], {}, inline(line.slice(at + 1, end), ctx, verbatim))], end: end + 1 };
}

function closing(line, at) {
  const sign = line[at];
  for (let index = at + 2; index < line.length; index += 1) {
    if (line[index] === "<") index = Math.max(index, line.indexOf(">", index));
    else if (line[index] === sign && !/\s/.test(line[index - 1]) && !WORD.test(line[index + 1] || " ")) return index;
  }
  return -1;
}

function plainText(text, verbatim) {
  if (verbatim) return [decode(text)];
  const out = [];
  let last = 0;
  for (const match of text.matchAll(URL_IN_TEXT)) {
    out.push(decode(text.slice(last, match.index)), anchor(decode(match[0]), decode(match[0])));
    last = match.index + match[0].length;
  }
  out.push(decode(text.slice(last)));
  return out.filter((part) => part !== "");
}

function tokenNode(body, ctx) {
  const [target, ...rest] = body.split("|");
  const label = rest.length ? decode(rest.join("|")) : null;
  if (target.startsWith("@")) return userMention(target.slice(1), ctx, label);
  if (target.startsWith("#")) return channelMention(target.slice(1), ctx, label);
  if (target.startsWith("!")) return command(target.slice(1), label, ctx);
  return link(decode(target), label ?? decode(target), ctx);
}

function command(target, label, ctx) {
  const [name, ...rest] = target.split("^");
  if (name === "subteam") return groupMention(rest[0], ctx, label);
  if (name === "date") return dateNode(rest, label, ctx);
  return broadcast(name, label);
}

export const broadcast = (name, label = null) => h("span", { class: "mention mention-loud" }, `@${label || name}`);

export function userMention(id, ctx, label = null) {
  const person = ctx.person(id);
  const mine = id === ctx.me.id;
  return h("span", { class: `mention${mine ? " mention-me" : ""}`, title: id }, `@${person ? ctx.nameOf(person) : label || id}`);
}

export function groupMention(id, ctx, label = null) {
  const group = ctx.usergroup(id);
  const mine = group && (group.users || []).includes(ctx.me.id);
  const name = group ? group.handle : label || id;
  return h("span", { class: `mention${mine ? " mention-me" : ""}`, title: id }, `@${String(name).replace(/^@/, "")}`);
}

export function channelMention(id, ctx, label = null) {
  const channel = ctx.channel(id);
  const name = `#${channel ? channel.name : label || id}`;
  if (!channel) return h("span", { class: "mention" }, name);
  return h("a", { class: "mention", href: `#${id}` }, name);
}

export function dateNode([seconds, pattern, href], fallback, ctx) {
  const at = Number(seconds);
  const isMoment = Number.isFinite(at);
  const words = () => (isMoment && pattern ? dateTokens(ctx.me, at, pattern, ctx.now(), ctx.words) : "") || fallback || "";
  const node = aging("time", { datetime: isMoment ? new Date(at * 1000).toISOString() : null }, words);
  return href ? link(decode(href), node, ctx) : node;
}

/** A link; addresses of other kinds than web and mail are shown, never made clickable. */
export function link(href, label) {
  if (!/^(https?:|mailto:|tel:)/i.test(href)) return h("span", {}, label);
  return anchor(href, label);
}

function anchor(href, label) {
  const here = permalink(href);
  if (here) return h("a", { href: here }, label);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, label);
}

// A permalink of this workspace is followed inside the page.
function permalink(href) {
  const match = /\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})/.exec(href);
  if (!match || !href.startsWith(window.location.origin)) return null;
  return `#${match[1]}/${match[2]}.${match[3]}`;
}
