// Makes and patches DOM nodes. Text only ever enters the page as text nodes: never as markup.

const PLAIN = new Set(["string", "number"]);

/** Makes an element: h("p", {class: "note", on: {click: fn}}, "text", child, null). */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) setProp(node, name, value);
  append(node, children);
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") for (const [event, fn] of Object.entries(value)) node.addEventListener(event, fn);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
  else if (name === "value" || name === "checked" || name === "disabled") node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(PLAIN.has(typeof child) ? document.createTextNode(child) : child);
  }
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/**
 * Makes the children of `parent` match `items` while keeping every node whose signature did not change,
 * so that focus, scroll positions and half-typed text survive an update.
 */
export function patchList(parent, items, { key, signature, build }) {
  const held = holdFocus(parent);
  const old = new Map([...parent.children].map((node) => [node.patchKey, node]));
  let cursor = parent.firstChild;
  for (const item of items) {
    const node = reuse(old, key(item), signature(item), () => build(item));
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
    old.delete(key(item));
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
  held();
}

function reuse(old, key, signature, build) {
  const known = old.get(key);
  if (known && known.patchSignature === signature) return known;
  const node = build();
  node.patchKey = key;
  node.patchSignature = signature;
  return node;
}

/** Remembers which control inside `parent` has the focus; the returned function gives it back after a redraw. */
export function holdFocus(parent) {
  const active = document.activeElement;
  const name = active && parent.contains(active) ? active.dataset.focus : null;
  if (!name) return () => {};
  const range = selectionOf(active);
  return () => {
    if (document.activeElement === active) return;
    const again = parent.querySelector(`[data-focus="${CSS.escape(name)}"]`);
    if (!again) return;
    again.focus({ preventScroll: true });
    if (range) again.setSelectionRange(...range);
  };
}

function selectionOf(node) {
  const selectable = node.tagName === "TEXTAREA" || (node.tagName === "INPUT" && node.type === "text");
  return selectable ? [node.selectionStart, node.selectionEnd] : null;
}

let lastId = 0;

export function uid(prefix = "n") {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

export function debounce(fn, wait) {
  let timer = null;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), wait);
  };
}
