// Draws people: initials, names, roles.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const COLOURS = ["#2f7d6d", "#a8562f", "#4a66a8", "#8a4f86", "#6b7a2c", "#a83f55", "#2d7896", "#8a6a1f"];
const HAN = /\p{Script=Han}/gu;

/** Two letters for a Latin name, up to two characters for a Chinese one. */
export function initials(name, most = 2) {
  const han = String(name).match(HAN);
  if (han) return han.slice(0, most).join("");
  const parts = String(name).trim().split(/\s+/);
  const letters = parts.length > 1 ? parts[0][0] + parts[parts.length - 1][0] : parts[0].slice(0, 2);
  return (letters || "?").toUpperCase();
}

function colourOf(id) {
  let sum = 0;
  for (const char of String(id)) sum = (sum * 31 + char.codePointAt(0)) % 9973;
  return COLOURS[sum % COLOURS.length];
}

export function avatar(person, size = "m") {
  if (person?.is_bot) return h("span", { class: `avatar avatar-${size} avatar-app`, "aria-hidden": "true" }, icon("app", 18));
  const name = person?.display_name || person?.name || "?";
  const style = { "--hue": colourOf(person?.id) };
  return h("span", { class: `avatar avatar-${size}`, "aria-hidden": "true", style }, initials(name, size === "xs" ? 1 : 2));
}

/** What the people of a new sandbox are, by the title that Slack keeps for them in their own language. */
const POSITIONS = { "服务经理 · 组长": "role.manager", 支持工程师: "role.engineer", "Support engineer": "role.engineer" };

export function role(person, t) {
  if (person.is_stranger) return t("role.stranger");
  if (person.is_guest) return t("role.guest");
  if (person.title) return person.title in POSITIONS ? t(POSITIONS[person.title]) : person.title;
  return t(person.is_lead ? "role.lead" : "role.member");
}

export const tongue = (person) => (/^zh/i.test(person.locale || "") ? "中文" : "English");
