// Draws the page's few icons as inline SVG, so that nothing is loaded from anywhere.

import { h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  hash: "M6.5 3 5 17M14 3l-1.5 14M3.5 7.5h13.5M3 12.5h13.5",
  home: "M3.5 9.5 10 4l6.5 5.5V16a1 1 0 0 1-1 1h-3.5v-4.5h-4V17H4.5a1 1 0 0 1-1-1z",
  chat: "M4 4.5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H9.5L6 16.5v-3H4a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1z",
  send: "M3.5 10 16.5 4l-4 12.5-3-5zM9.5 11.5l3-3",
  bolt: "M11 2.5 4.5 11.5H9.5L8.5 17.5 15.5 8.5H10.5z",
  clip: "M14.5 9.5 9.7 14.3a3 3 0 0 1-4.3-4.3l5.6-5.6a2 2 0 0 1 2.9 2.9L8.5 12.7a1 1 0 0 1-1.4-1.4L11.8 6.6",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4.5 6.5 10l5.5 5.5",
  down: "M5.5 8 10 12.5 14.5 8",
  up: "M5.5 12.5 10 8l4.5 4.5",
  right: "M8 5.5 12.5 10 8 14.5",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  reply: "M8.5 5 4 9.5 8.5 14M4.5 9.5H12a4.5 4.5 0 0 1 4.5 4.5v1",
  link: "M8.5 11.5a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2L10 5.8M11.5 8.5a3 3 0 0 0-4.2 0L4.7 11.1a3 3 0 0 0 4.2 4.2L10 14.2",
  eye: "M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  check: "M4.5 10.5 8.5 14.5 15.5 6",
  tools: "M4 6h7M15 6h1M4 14h1M9 14h7M13 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.7 1.8",
  search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l3.5 3.5",
  alert: "M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.2v.01",
  file: "M5.5 3h6l3.5 3.5V16a1 1 0 0 1-1 1h-8.5a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11.5 3v3.5H15",
  app: "M10 16V5M5 9.5 10 4.5l5 5M5 13l5-5 5 5",
  arrow_in: "M15.5 10h-11M9 5.5 4.5 10 9 14.5",
  arrow_out: "M4.5 10h11M11 5.5 15.5 10 11 14.5",
};

export function icon(name, size = 18) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 20 20", width: size, height: size, fill: "none", stroke: "currentColor",
    "stroke-width": name === "more" ? 2.4 : 1.5, "stroke-linecap": "round", "stroke-linejoin": "round",
    "aria-hidden": "true", class: `icon icon-${name}`,
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button that is only a sign; its label is for screen readers, and a tooltip for everybody. */
export function iconButton(name, label, click, more = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click }, ...more }, icon(name));
}
