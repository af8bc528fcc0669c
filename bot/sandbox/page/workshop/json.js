// Shows JSON readably: indented, coloured, foldable at each object. Only text nodes, as it holds what people typed.

import { h } from "../dom.js";

const FOLD_BELOW = 3; // deeper objects start folded

export const jsonNode = (value) => h("div", { class: "json" }, nodeOf(parsed(value), 0));

// Forms carry JSON inside strings (payload=..., view=...); opened up it can be read.
function parsed(value) {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function nodeOf(value, depth) {
  if (value === null || typeof value !== "object") return scalar(value);
  const entries = Object.entries(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  if (!entries.length) return h("span", { class: "json-mark" }, open + close);
  return h("details", { open: depth < FOLD_BELOW },
    h("summary", {}, h("span", { class: "json-mark" }, open), h("small", {}, `${entries.length}`), h("span", { class: "json-mark" }, close)),
    h("div", { class: "json-body" }, entries.map(([key, inner]) =>
      h("div", { class: "json-row" }, h("span", { class: "json-key" }, `${key}: `), nodeOf(parsed(inner), depth + 1)))));
}

function scalar(value) {
  if (typeof value === "string") return h("span", { class: "json-text" }, value);
  return h("span", { class: "json-plain" }, String(value));
}
