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

/** An element whose text grows old, such as "5 minutes ago": `words` gives it as it reads now. */
export function aging(tag, props, words) {
  const node = h(tag, { ...props, "data-ages": true }, words());
  node.words = words;
  return node;
}

/** Brings every such text up to date, without drawing anything anew. */
export function refreshAges() {
  for (const node of document.querySelectorAll("[data-ages]")) {
    const text = node.words();
    if (node.textContent !== text) node.textContent = text;
  }
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
  const wanted = items.map((item) => reuse(old, key(item), signature(item), () => build(item)));
  const kept = new Set(wanted);
  // What goes, goes first: then what stays need not move, and keeps focus, scroll position and open lists.
  for (const node of [...parent.children]) if (!kept.has(node)) node.remove();
  let cursor = parent.firstChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
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

/**
 * Gives a function that finds a control again after a redraw: the same node, or the one of the same name in the row
 * of the same key (two cards have buttons of equal names); without rows, in `parent`. Null when it is gone.
 */
export function finder(node, parent = null) {
  const row = rowOf(node);
  const [list, key, name] = [row?.parentNode, row?.patchKey, node.dataset.focus];
  return () => {
    if (node.isConnected) return node;
    const scope = row ? [...list.children].find((one) => one.patchKey === key) : parent;
    return (name && scope?.isConnected && scope.querySelector(`[data-focus="${CSS.escape(name)}"]`)) || null;
  };
}

function rowOf(node) {
  while (node && node.patchKey === undefined) node = node.parentElement;
  return node;
}

/** Remembers which control inside `parent` has the focus; the returned function gives it back after a redraw. */
export function holdFocus(parent) {
  const active = document.activeElement;
  if (!active || !parent.contains(active) || !active.dataset.focus) return () => {};
  const range = selectionOf(active);
  const find = finder(active, parent);
  return () => {
    const again = find();
    if (!again || document.activeElement === again) return;
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
