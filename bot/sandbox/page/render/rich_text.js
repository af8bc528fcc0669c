// Renders rich_text blocks: sections, lists, quotes, preformatted text.

import { h } from "../dom.js";
import { emoji } from "../emoji.js";
import { broadcast, channelMention, dateNode, groupMention, link, userMention } from "../mrkdwn.js";
import { unknown } from "./text.js";

const STYLES = [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"], ["underline", "u"]];

export function richText(block, ctx) {
  return h("div", { class: "rich" }, (block.elements || []).map((part) => richPart(part, ctx)));
}

function richPart(part, ctx) {
  const inner = () => inlineParts(part.elements, ctx);
  if (part.type === "rich_text_section") return h("div", { class: "rich-section" }, inner());
  if (part.type === "rich_text_quote") return h("blockquote", {}, inner());
  if (part.type === "rich_text_preformatted") return h("pre", {}, inner());
  if (part.type === "rich_text_list") return richList(part, ctx);
  return unknown("rich text", part, ctx);
}

function richList(part, ctx) {
  const tag = part.style === "ordered" ? "ol" : "ul";
  const start = tag === "ol" && part.offset ? part.offset + 1 : null;
  return h(tag, { class: `rich-list indent-${part.indent || 0}`, start },
    (part.elements || []).map((item) => h("li", {}, inlineParts(item.elements, ctx))));
}

const inlineParts = (elements, ctx) => (elements || []).map((element) => styled(inlinePart(element, ctx), element.style));

function inlinePart(element, ctx) {
  const draw = INLINE[element.type];
  return draw ? draw(element, ctx) : unknown("rich text", element, ctx);
}

const INLINE = {
  text: (element) => document.createTextNode(element.text),
  link: (element) => link(element.url, element.text || element.url),
  user: (element, ctx) => userMention(element.user_id, ctx),
  usergroup: (element, ctx) => groupMention(element.usergroup_id, ctx),
  channel: (element, ctx) => channelMention(element.channel_id, ctx),
  broadcast: (element) => broadcast(element.range),
  emoji: (element) => emoji(element.name) || document.createTextNode(`:${element.name}:`),
  date: (element, ctx) => dateNode([element.timestamp, element.format, element.url], element.fallback, ctx),
  color: (element) => h("code", {}, element.value),
};

function styled(node, style) {
  return STYLES.reduce((inner, [name, tag]) => (style?.[name] ? h(tag, {}, inner) : inner), node);
}
