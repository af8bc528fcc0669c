// The left side: the workspace, its channels, the app, and the people one can act as.

import { h, patchList } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, role, tongue } from "./person.js";
import { openChannel, openHome } from "./places.js";
import { botPerson, channels, dm, isMember, me, nameOf, now, people, person, store, t, unread, waiting } from "./state.js";
import { clockTime } from "./time.js";

export class Sidebar {
  constructor({ actAs }) {
    this.actAs = actAs;
    this.brand = h("header", { class: "brand" });
    this.nav = h("nav", { class: "nav" });
    this.people = h("div", { class: "people", role: "radiogroup", on: { keydown: (event) => this.#onKey(event) } });
    this.peopleTitle = h("h2", { class: "side-title" });
    this.whyOff = h("p", { class: "acting-off", hidden: true });
    this.node = h("div", { class: "sidebar" }, this.brand, this.nav,
      h("div", { class: "acting" }, this.peopleTitle, this.whyOff, this.people));
  }

  draw() {
    this.#drawBrand();
    patchList(this.nav, this.#entries(), { key: (one) => one.key, signature: (one) => JSON.stringify(one), build: entryNode });
    this.nav.setAttribute("aria-label", t("nav.channels"));
    this.peopleTitle.textContent = t("nav.acting");
    this.people.setAttribute("aria-label", t("nav.acting"));
    // While a window is open, nothing behind it can be pressed, as in Slack.
    this.whyOff.hidden = !store.server.views?.[me().id]?.length;
    this.whyOff.textContent = t("nav.acting_off", { name: nameOf(me()) });
    patchList(this.people, people(), {
      key: (one) => one.id,
      signature: (one) => JSON.stringify([one, one.id === me().id, waiting(one.id), this.#localTime(one), me().locale]),
      build: (one) => this.#personNode(one),
    });
  }

  #drawBrand() {
    const key = JSON.stringify([store.server.team, me().locale]);
    if (this.brand.dataset.drawn === key) return;
    this.brand.dataset.drawn = key;
    this.brand.replaceChildren(h("span", { class: "brand-mark", "aria-hidden": "true" }, icon("app", 20)),
      h("div", {}, h("strong", {}, store.server.team.name), h("small", {}, t("nav.tagline"))));
  }

  #entries() {
    const place = store.place;
    const rows = channels().filter((one) => !one.is_archived).map((one) => ({
      key: one.id, kind: "channel", label: one.name, current: place.channel === one.id && place.kind === "channel",
      fresh: isMember(one) ? unread(one.id) : 0, outside: !isMember(one),
    }));
    const own = dm();
    return [
      { key: "title channels", title: t("nav.channels") }, ...rows,
      ...groupRows(),
      { key: "title app", title: t("nav.app") },
      { key: "home", kind: "home", label: t("nav.home"), current: place.kind === "home" },
      ...(own ? [directEntry(own.id, place)] : []),
    ];
  }

  #subtitle(one) {
    return [role(one, t), tongue(one)].join(" · ");
  }

  // What the clock on their wall says: it explains the times they will see.
  #localTime(one) {
    return clockTime({ ...me(), tz: one.tz }, now());
  }

  #personNode(one) {
    const current = one.id === me().id;
    return h("button", { type: "button", class: `person${current ? " is-current" : ""}`, role: "radio", "aria-checked": String(current),
      tabindex: current ? "0" : "-1", data: { focus: `person ${one.id}`, person: one.id }, on: { click: () => this.actAs(one.id) } },
    avatar(one), h("span", { class: "person-words" }, h("strong", {}, nameOf(one)), h("small", {}, this.#subtitle(one))),
    h("span", { class: "person-side" }, h("small", { title: one.tz }, this.#localTime(one)),
      waiting(one.id) && !current ? h("span", { class: "dot", role: "img", "aria-label": t("nav.waiting") }) : null));
  }

  // A radio group moves with the arrow keys.
  #onKey(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = people();
    const next = all[(all.findIndex((one) => one.id === me().id) + step + all.length) % all.length];
    this.actAs(next.id);
    queueMicrotask(() => this.people.querySelector(`[data-person="${CSS.escape(next.id)}"]`)?.focus());
  }
}

const SIGNS = { channel: "hash", home: "home", direct: "chat" };

const directEntry = (id, place) =>
  ({ key: id, kind: "direct", label: nameOf(botPerson()), current: place.channel === id, count: unread(id) });

function groupRows() {
  const groups = (store.server?.usergroups || []).map((one) => ({
    key: `group ${one.id}`, group: `@${one.handle}`, note: one.enabled ? "" : t("group.off"), nobody: t("group.nobody"),
    members: one.users.map((id) => person(id) || { id, name: id }),
  }));
  return groups.length ? [{ key: "title groups", title: t("nav.groups") }, ...groups] : [];
}

function groupNode({ group, members, note, nobody }) {
  const names = members.map(nameOf).join(", ") || nobody;
  return h("div", { class: `group-row${note ? " is-outside" : ""}`, role: "group", "aria-label": group, title: `${group}: ${names}` },
    h("span", { class: "entry-label" }, group, note ? h("small", {}, ` · ${note}`) : null),
    h("span", { class: "group-members" }, members.slice(0, 3).map((one) => avatar(one, "xs")), h("small", {}, names)));
}

function entryNode(entry) {
  if (entry.title) return h("h2", { class: "side-title" }, entry.title);
  if (entry.group) return groupNode(entry);
  const go = entry.kind === "home" ? openHome : () => openChannel(entry.key);
  const fresh = entry.fresh || entry.count;
  const look = ["entry", entry.current && "is-current", fresh && "is-fresh", entry.outside && "is-outside"].filter(Boolean).join(" ");
  return h("button", { type: "button", class: look, "aria-current": entry.current ? "page" : null,
    data: { focus: `entry ${entry.key}`, place: entry.key }, on: { click: go } },
  icon(SIGNS[entry.kind]), h("span", { class: "entry-label" }, entry.label),
  entry.count ? h("span", { class: "count", "aria-label": t("nav.unread", { count: entry.count }) }, entry.count) : null,
  entry.fresh ? h("span", { class: "dot", role: "img", "aria-label": t("nav.unread", { count: entry.fresh }) }) : null);
}
