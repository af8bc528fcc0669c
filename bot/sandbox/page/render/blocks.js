// Draws Block Kit blocks. Where a click goes and where values are kept is the business of `env`.

import { h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { addressOf, picture } from "../picture.js";
import { renderElement } from "./elements.js";
import { markdown } from "./markdown.js";
import { richText } from "./rich_text.js";
import { plainOf, textNodes, unknown } from "./text.js";

const RENDERERS = {
  section, header, context, divider: () => h("hr", { class: "divider" }), actions, image, input,
  rich_text: (block, env) => richText(block, env.ctx),
  markdown: (block) => markdown(block.text),
};

export function renderBlock(block, env) {
  const draw = RENDERERS[block?.type];
  const node = draw ? draw(block, env) : unknown("block", block, env.ctx);
  node.classList.add("block", `block-${block?.type}`);
  if (block?.block_id) node.dataset.block = block.block_id;
  return node;
}

export const renderBlocks = (blocks, env) => h("div", { class: "blocks" }, blocks.map((block) => renderBlock(block, env)));

function section(block, env) {
  const words = block.text ? h("div", { class: "section-text" }, textNodes(block.text, env.ctx)) : null;
  const fields = block.fields?.length
    ? h("div", { class: "section-fields" }, block.fields.map((field) => h("div", { class: "section-field" }, textNodes(field, env.ctx))))
    : null;
  return h("div", {}, h("div", { class: "section-words" }, words, fields), block.accessory ? accessory(block, env) : null);
}

function accessory(block, env) {
  const what = block.accessory;
  const node = what.type === "image" ? shown(what) : renderElement(what, block, env, plainOf(block.text).slice(0, 80)).node;
  return h("div", { class: `accessory accessory-${what.type}` }, node);
}

function header(block, env) {
  const tag = `h${Math.min((block.level || 1) + 2, 6)}`;
  return h(tag, {}, textNodes(block.text, env.ctx));
}

function context(block, env) {
  return h("div", {}, (block.elements || []).map((part) =>
    part.type === "image" ? shown(part, true) : h("span", { class: "context-part" }, textNodes(part, env.ctx))));
}

function actions(block, env) {
  return h("div", { role: "group" }, (block.elements || []).map((element) => renderElement(element, block, env).node));
}

function image(block, env) {
  const title = block.title ? h("figcaption", {}, textNodes(block.title, env.ctx)) : null;
  return h("figure", {}, title, shown(block));
}

// Nothing is loaded from other machines: a remote picture shows as its description.
function shown(what, small = false) {
  const url = what.slack_file ? fileAddress(what.slack_file) : what.image_url || "";
  const local = url.startsWith("/") || url.startsWith("data:image/") || url.startsWith(window.location.origin);
  if (local && small) return h("img", { class: "image-small", src: url, alt: what.alt_text || "" });
  if (local) return picture(url, what.alt_text || "");
  return h("span", { class: `image-absent${small ? " image-small" : ""}`, role: "img", "aria-label": what.alt_text || "", title: url },
    icon("file", 16), small ? null : h("span", {}, what.alt_text || ""));
}

const fileAddress = ({ id, url }) => addressOf(id || /\/files\/(F\w+)/.exec(url || "")?.[1] || "");

function input(block, env) {
  const label = plainOf(block.label);
  const { node, field } = renderElement(block.element, block, env, label);
  const ids = { label: uid("label"), hint: uid("hint"), error: uid("error") };
  const labelled = h("label", { class: "label", id: ids.label }, textNodes(block.label, env.ctx),
    block.optional ? h("span", { class: "optional" }, env.ctx.words("form.optional")) : null);
  linkLabel(labelled, field, block, ids);
  const hint = block.hint ? h("p", { class: "hint", id: ids.hint }, textNodes(block.hint, env.ctx)) : null;
  const error = h("p", { class: "field-error", id: ids.error, role: "alert", hidden: true });
  return h("div", {}, labelled, node, error, hint);
}

function linkLabel(label, field, block, ids) {
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(field.tagName)) {
    field.id ||= uid("field");
    label.setAttribute("for", field.id);
  } else {
    field.setAttribute("aria-labelledby", ids.label);
  }
  if (!block.optional) field.setAttribute("aria-required", "true");
  const described = [block.hint ? ids.hint : null, ids.error].filter(Boolean).join(" ");
  field.setAttribute("aria-describedby", described);
}

/** Shows (or, without text, hides) the error under an input block. */
export function showError(node, text) {
  const place = node.querySelector(".field-error");
  if (!place) return;
  place.textContent = text || "";
  place.hidden = !text;
  node.classList.toggle("has-error", Boolean(text));
  const field = node.querySelector("input, textarea, [role=group], [role=radiogroup]");
  if (text) field?.setAttribute("aria-invalid", "true");
  else field?.removeAttribute("aria-invalid");
}
