// Knows the emoji short names a support desk uses. The plain signs are drawn, so they look right without an emoji font.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const DOTS = {
  red: "#d64a36", orange: "#e0852b", yellow: "#e3b92f", green: "#3f9c5f", blue: "#3d7fcf",
  purple: "#8a5fbf", brown: "#8b5e3c", white: "#ffffff", black: "#2a2d2c",
};

const SIGNS = {
  white_check_mark: ["check", "sign-green"], heavy_check_mark: ["check", "sign-green"],
  x: ["close", "sign-red"], warning: ["alert", "sign-amber"],
};

const CHARACTERS = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", eyes: "👀", bell: "🔔", rotating_light: "🚨", memo: "📝",
  speech_balloon: "💬", hourglass: "⌛", hourglass_flowing_sand: "⏳", alarm_clock: "⏰", lock: "🔒", unlock: "🔓",
  tada: "🎉", wave: "👋", point_right: "👉", fire: "🔥", bulb: "💡", mag: "🔍", link: "🔗", pushpin: "📌",
  calendar: "📅", date: "📅", telephone_receiver: "📞", phone: "☎️", email: "📧", envelope: "✉️", paperclip: "📎",
  no_entry: "⛔", no_entry_sign: "🚫", question: "❓", exclamation: "❗", information_source: "ℹ️",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", repeat: "🔁",
  arrows_counterclockwise: "🔄", bust_in_silhouette: "👤", busts_in_silhouette: "👥", office: "🏢",
  handshake: "🤝", clipboard: "📋", white_circle: "⚪", smile: "😄", "100": "💯", heart: "❤️", star: "⭐",
  ticket: "🎫", sos: "🆘", hammer_and_wrench: "🛠️", gear: "⚙️", bar_chart: "📊", globe_with_meridians: "🌐",
};

/** The node for a short name, or null when the name is not known and must stay as typed. */
export function emoji(name) {
  const dot = name.match(/^(?:large_)?(red|orange|yellow|green|blue|purple|brown|white|black)_(circle|square)$/);
  if (dot) return drawn(name, "dot", { style: { "--dot": DOTS[dot[1]] }, square: dot[2] === "square" });
  if (SIGNS[name]) return drawn(name, SIGNS[name][1], { glyph: SIGNS[name][0] });
  const character = CHARACTERS[name];
  return character ? h("span", { class: "emoji", role: "img", "aria-label": name }, character) : null;
}

function drawn(name, look, { style, square, glyph }) {
  const node = h("span", { class: `emoji emoji-${look}${square ? " square" : ""}`, role: "img", "aria-label": name, style });
  if (glyph) node.append(icon(glyph, 14));
  return node;
}
