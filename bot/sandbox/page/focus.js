// Keeps the keyboard inside a dialog while it is open.

const FOCUSABLE =
  "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex]";

/** Everything the Tab key can reach inside a node, in order. */
export const focusable = (root) =>
  [...root.querySelectorAll(FOCUSABLE)].filter((node) => node.tabIndex >= 0 && node.getClientRects().length > 0);

export function trapFocus(root, { onEscape }) {
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      onEscape();
    } else if (event.key === "Tab") {
      wrap(root, event);
    }
  });
}

function wrap(root, event) {
  const all = focusable(root);
  const edge = event.shiftKey ? all[0] : all[all.length - 1];
  if (all.length && (document.activeElement === edge || !root.contains(document.activeElement))) {
    event.preventDefault();
    (event.shiftKey ? all[all.length - 1] : all[0]).focus();
  }
}
