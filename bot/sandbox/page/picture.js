// Pictures kept in this workspace: shown small, and large when one presses them. Loads nothing from elsewhere.

import { h } from "./dom.js";
import { iconButton } from "./icons.js";
import { t } from "./state.js";

/** Where the page finds a file of the workspace. */
export const addressOf = (fileId) => `/control/file/${encodeURIComponent(fileId)}`;

/** A picture one can enlarge, by mouse, finger or keyboard. */
export function picture(src, alt) {
  return h("button", { type: "button", class: "picture", title: t("picture.enlarge"), data: { focus: `picture ${src}` },
    on: { click: () => enlarge(src, alt) } }, h("img", { src, alt }));
}

// The browser's own dialog: it keeps the focus inside, and gives it back.
function enlarge(src, alt) {
  const close = () => viewer.close();
  const viewer = h("dialog", { class: "viewer", "aria-label": alt, on: {
    click: close,
    close: () => viewer.remove(),
    keydown: (event) => event.stopPropagation(), // Escape closes the picture, not what is behind it
  } },
  iconButton("close", t("picture.close"), close, { class: "icon-button viewer-close" }),
  h("img", { src, alt }), h("p", {}, alt));
  document.body.append(viewer);
  viewer.showModal();
}
