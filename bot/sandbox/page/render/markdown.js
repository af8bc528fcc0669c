// Renders the markdown block: the common part of Markdown, line by line. Unknown syntax stays text.

import { h } from "../dom.js";
import { link } from "../mrkdwn.js";

const INLINE = /(`[^`\n]+`)|\*\*([^*\n]+)\*\*|~~([^~\n]+)~~|(?<![*\w])[*_]([^*_\n]+)[*_](?![*\w])|\[([^\]\n]+)\]\(([^)\s]+)\)/;

export function markdown(text) {
  const lines = String(text).split("\n");
  const out = [];
  while (lines.length) out.push(takeBlock(lines));
  return h("div", { class: "rich markdown" }, out);
}

function takeBlock(lines) {
  if (/^```/.test(lines[0])) return takeFence(lines);
  if (/^\s*$/.test(lines[0])) return lines.shift() && null;
  if (/^(---|\*\*\*)\s*$/.test(lines[0])) return lines.shift() && h("hr");
  const heading = /^(#{1,6}) (.*)$/.exec(lines[0]);
  if (heading) return lines.shift() && h(`h${Math.min(heading[1].length + 2, 6)}`, {}, spans(heading[2]));
  if (/^> ?/.test(lines[0])) return h("blockquote", {}, joined(take(lines, /^> ?/)));
  if (/^\s*[-*+] /.test(lines[0])) return list("ul", take(lines, /^\s*[-*+] /));
  if (/^\s*\d+[.)] /.test(lines[0])) return list("ol", take(lines, /^\s*\d+[.)] /));
  return h("p", {}, joined(takeParagraph(lines)));
}

function takeFence(lines) {
  lines.shift();
  const body = [];
  while (lines.length && !/^```/.test(lines[0])) body.push(lines.shift());
  lines.shift();
  return h("pre", {}, body.join("\n"));
}

function take(lines, mark) {
  const out = [];
  while (lines.length && mark.test(lines[0])) out.push(lines.shift().replace(mark, ""));
  return out;
}

function takeParagraph(lines) {
  const out = [lines.shift()];
  while (lines.length && !/^(\s*$|```|#{1,6} |>|\s*[-*+] |\s*\d+[.)] )/.test(lines[0])) out.push(lines.shift());
  return out;
}

const list = (tag, items) => h(tag, { class: "rich-list" }, items.map((item) => h("li", {}, spans(item))));
const joined = (lines) => lines.map((line, index) => [index ? h("br") : null, ...spans(line)]);

function spans(text) {
  const match = INLINE.exec(text);
  if (!match) return [text];
  const [whole, code, bold, strike, italic, label, href] = match;
  const node = code ? h("code", {}, code.slice(1, -1))
    : bold ? h("strong", {}, spans(bold))
    : strike ? h("s", {}, spans(strike))
    : italic ? h("em", {}, spans(italic))
    : link(href, label);
  return [text.slice(0, match.index), node, ...spans(text.slice(match.index + whole.length))];
}
