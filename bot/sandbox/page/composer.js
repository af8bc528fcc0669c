// The box one writes in: posts, slash commands with their hints, files, and the menu of shortcuts.

import { perform } from "./actions.js";
import { fill, h, uid } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { openMenu } from "./menu.js";
import { store, t } from "./state.js";
import { toast } from "./toast.js";

const drafts = new Map(); // place -> text, so that looking elsewhere loses nothing
const MAX_FILE = 10 * 1024 * 1024;

export class Composer {
  /** `thread`: commands do not work there, as in Slack; files may be attached anywhere. */
  constructor({ thread = false, sending = () => {} }) {
    this.inThread = thread;
    this.sending = sending;
    this.files = [];
    this.active = 0;
    this.listId = uid("commands");
    this.#build();
    window.addEventListener("resize", () => this.#grow());
  }

  #build() {
    this.input = this.#makeInput();
    this.hints = h("div", { class: "hints", role: "listbox", id: this.listId, hidden: true,
      on: { mousedown: (event) => event.preventDefault() } });
    this.shelf = h("div", { class: "attached" });
    this.picker = h("input", { type: "file", multiple: true, class: "visually-hidden", tabindex: "-1", "aria-hidden": "true",
      on: { change: () => this.#attach(this.picker.files) } });
    this.bolt = iconButton("bolt", "", () => this.#openShortcuts(), { "aria-haspopup": "menu", "aria-expanded": "false" });
    this.clip = iconButton("clip", "", () => this.picker.click());
    this.sendButton = iconButton("send", "", () => this.#send(), { class: "icon-button send" });
    this.node = h("div", { class: "composer" }, this.hints, this.shelf,
      h("div", { class: "composer-row" }, this.inThread ? null : this.bolt, this.clip, this.picker, this.input, this.sendButton));
  }

  #makeInput() {
    return h("textarea", {
      rows: 1, class: "composer-input", "aria-autocomplete": "list", "aria-controls": this.listId,
      data: { focus: this.inThread ? "composer-thread" : "composer" },
      on: {
        input: () => this.#onInput(),
        keydown: (event) => this.#onKey(event),
        blur: () => this.#showHints([]),
        paste: (event) => this.#onPaste(event),
      },
    });
  }

  /** Turns to another channel or thread; what was half-written there comes back. */
  show({ channel, threadTs = null, placeholder, disabled = false }) {
    const place = `${channel}/${threadTs || ""}`;
    if (place !== this.place) {
      if (this.place) drafts.set(this.place, this.input.value);
      this.place = place;
      this.input.value = drafts.get(place) || "";
      this.files = [];
      this.#drawFiles();
      this.#grow();
    }
    Object.assign(this, { channel, threadTs });
    this.input.placeholder = placeholder;
    this.input.setAttribute("aria-label", placeholder);
    this.input.disabled = disabled;
    this.node.classList.toggle("is-closed", disabled);
    for (const [node, key] of [[this.bolt, "shortcuts"], [this.clip, "attach"], [this.sendButton, "send"]]) {
      node.setAttribute("aria-label", t(`composer.${key}`));
      node.title = t(`composer.${key}`);
    }
    this.#showReady();
  }

  /** Puts words into the box, ready to be sent. */
  suggest(text) {
    this.input.value = text;
    this.input.focus();
    this.#onInput();
  }

  #onInput() {
    this.#grow();
    this.#showReady();
    this.#showHints(this.#matching());
  }

  #grow() {
    this.input.style.height = "auto";
    const tall = this.input.scrollHeight; // nothing while the box is not on the screen
    if (this.input.value && tall) this.input.style.height = `${Math.min(tall, 180)}px`;
  }

  #showReady() {
    this.sendButton.classList.toggle("is-ready", Boolean(this.input.value.trim() || this.files.length));
  }

  // ---- slash commands ----

  #matching() {
    const text = this.input.value;
    if (this.inThread || !text.startsWith("/") || text.includes("\n")) return [];
    const [word] = text.split(" ");
    const exact = text.includes(" ");
    return (store.server?.commands || []).filter((one) => (exact ? one.command === word : one.command.startsWith(word)));
  }

  #showHints(commands) {
    this.hints.hidden = !commands.length;
    this.active = 0;
    this.found = commands;
    fill(this.hints, commands.map((command, index) => this.#hint(command, index)));
    this.#showActive();
  }

  #hint(command, index) {
    const usage = command.usage_hint ? h("code", {}, command.usage_hint) : null;
    return h("div", { class: "hint-row", role: "option", id: `${this.listId}-${index}`, on: { click: () => this.#complete(command) } },
      h("span", { class: "hint-line" }, h("strong", {}, command.command), usage),
      h("small", {}, command.description));
  }

  #showActive() {
    [...this.hints.children].forEach((node, index) => node.setAttribute("aria-selected", String(index === this.active)));
    if (this.hints.hidden) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.listId}-${this.active}`);
  }

  #complete(command) {
    this.suggest(`${command.command} `);
  }

  // ---- keys ----

  #onKey(event) {
    if (event.isComposing) return;
    if (!this.hints.hidden && this.#onHintKey(event)) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    }
  }

  #onHintKey(event) {
    const count = this.found.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.active = (this.active + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      this.#showActive();
      return true;
    }
    if (event.key === "Escape") return this.#showHints([]), true;
    const unfinished = !this.input.value.startsWith(this.found[this.active].command);
    if (event.key === "Tab" || (event.key === "Enter" && unfinished)) return this.#complete(this.found[this.active]), true;
    return false;
  }

  // ---- files ----

  #onPaste(event) {
    const files = [...(event.clipboardData?.files || [])];
    if (!files.length) return;
    event.preventDefault();
    this.#attach(files);
  }

  #attach(files) {
    for (const file of files) {
      if (file.size > MAX_FILE) toast(t("composer.too_big", { name: file.name }));
      else this.files.push(file);
    }
    this.picker.value = "";
    this.#drawFiles();
    this.#showReady();
    this.input.focus();
  }

  #drawFiles() {
    fill(this.shelf, this.files.map((file) => h("span", { class: "chip" },
      icon("file", 14), h("span", { class: "chip-words" }, file.name),
      iconButton("close", t("combo.remove", { name: file.name }), () => this.#detach(file), { class: "chip-remove" }))));
  }

  #detach(file) {
    this.files = this.files.filter((one) => one !== file);
    this.#drawFiles();
    this.#showReady();
  }

  // ---- sending ----

  async #send() {
    const text = this.input.value.trim();
    if (!text && !this.files.length) return;
    const isCommand = /^\/\S/.test(text) && !this.files.length;
    if (isCommand && this.inThread) return toast(t("client.not_in_threads", { what: text.split(" ")[0] }));
    const files = await Promise.all(this.files.map(packed));
    this.#clear();
    this.sending();
    const answer = await perform(isCommand ? { do: "command", channel: this.channel, text } : this.#post(text, files));
    if (!answer.ok && !this.input.value) this.suggest(text);
    if (!answer.ok) this.#showHints([]);
  }

  #post(text, files) {
    const inThread = this.threadTs ? { thread_ts: this.threadTs } : {};
    return { do: "post", channel: this.channel, text, ...inThread, ...(files.length ? { files } : {}) };
  }

  #clear() {
    this.input.value = "";
    this.files = [];
    this.#drawFiles();
    this.#onInput();
  }

  #openShortcuts() {
    const shortcuts = (store.server?.shortcuts || []).filter((one) => one.type === "global");
    const commands = store.server?.commands || [];
    openMenu(this.bolt, [
      { heading: t("composer.shortcuts") },
      ...shortcuts.map((one) => ({ label: one.name, hint: one.description,
        run: () => perform({ do: "shortcut", callback_id: one.callback_id }) })),
      { heading: t("composer.commands") },
      ...commands.map((one) => ({ label: one.command, hint: one.description, run: () => this.#complete(one) })),
    ], { label: t("composer.shortcuts") });
  }
}

function packed(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    const mimetype = file.type || "application/octet-stream";
    reader.onload = () => resolve({ name: file.name, mimetype, content: reader.result.split(",")[1] || "" });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
