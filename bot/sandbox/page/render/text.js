// Renders Block Kit text objects: plain_text stays literal, mrkdwn is read.

import { h } from "../dom.js";
import { emoji } from "../emoji.js";
import { mrkdwn } from "../mrkdwn.js";

/** The nodes of a text object. */
export function textNodes(object, ctx) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, ctx, { verbatim: object.verbatim });
  return object.emoji ? withEmoji(object.text) : [object.text];
}

/** The same as one string, for attributes and for menus. */
export const plainOf = (object) => object?.text ?? "";

function withEmoji(text) {
  const out = [];
  let last = 0;
  for (const match of String(text).matchAll(/:([a-z0-9_+'-]+):/g)) {
    const node = emoji(match[1]);
    if (!node) continue;
    out.push(text.slice(last, match.index), node);
    last = match.index + match[0].length;
  }
  out.push(String(text).slice(last));
  return out;
}

/** What the page does not know how to draw is made visible, so that a new block cannot slip by. */
export function unknown(kind, thing, ctx) {
  return h("div", { class: "unknown", role: "alert" },
    h("strong", {}, ctx.words("unknown.title", { kind: `${kind} “${thing?.type ?? "?"}”` })),
    h("pre", {}, JSON.stringify(thing, null, 1)?.slice(0, 600)));
}
