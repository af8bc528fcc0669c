// One chooser for every kind of select: single or many, fixed list or typeahead. Knows nothing of Slack's shapes.

import { h, uid } from "../dom.js";
import { icon } from "../icons.js";
import { place, tellClosed } from "../menu.js";

const TYPING_PAUSE_MS = 180;

/**
 * Options are {key, text, note?, group?, raw}. `load(query)` gives {options} or {problem} or {tooShort}, at once or later.
 * `onChange` gets the chosen options (at most one unless `many`).
 */
export class Combo {
  constructor({ name, focusName, placeholder, many = false, most = Infinity, remote = false, load, chosen = [], onChange, words }) {
    Object.assign(this, { many, most, remote, load, chosen, onChange, words, placeholder });
    this.options = [];
    this.active = -1;
    this.asked = 0;
    this.typed = "";
    this.listId = uid("list");
    this.input = this.#makeInput(name, focusName);
    this.list = h("div", { class: "combo-list floating", role: "listbox", id: this.listId, popover: "manual", "aria-label": name,
      "aria-multiselectable": many ? "true" : null, on: { mousedown: (event) => event.preventDefault() } });
    this.chips = h("span", { class: "combo-chips" });
    this.node = h("div", { class: `combo${many ? " combo-many" : ""}`, on: { click: (event) => this.#onBoxClick(event) } },
      this.chips, this.input, h("span", { class: "combo-arrow" }, icon(remote ? "search" : "down", 16)), this.list);
    this.#showChosen();
  }

  #makeInput(name, focusName) {
    return h("input", {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-label": name, "aria-expanded": "false",
      "aria-autocomplete": "list", "aria-controls": this.listId, data: { focus: focusName },
      on: {
        focus: () => this.input.select(),
        input: () => this.#onInput(),
        keydown: (event) => this.#onKey(event),
        blur: () => this.#close(),
      },
    });
  }

  get isOpen() {
    return this.input.getAttribute("aria-expanded") === "true";
  }

  /** The label of the field, once it is known. */
  describe(attributes) {
    for (const [key, value] of Object.entries(attributes)) this.input.setAttribute(key, value);
  }

  // ---- opening and asking ----

  #onBoxClick(event) {
    // The path, not the ancestors: a picked option is no longer in its list when its click arrives here.
    if (event.composedPath().includes(this.list) || event.target.closest(".chip-remove")) return;
    this.input.focus();
    if (!this.isOpen) this.#open();
  }

  #open() {
    if (this.isOpen) return;
    this.input.setAttribute("aria-expanded", "true");
    this.node.classList.add("is-open");
    this.list.showPopover();
    this.follow = () => place(this.list, this.node, { width: "anchor" });
    window.addEventListener("resize", this.follow);
    document.addEventListener("scroll", this.follow, true);
    this.#ask("");
  }

  #close() {
    this.typed = "";
    clearTimeout(this.pause);
    this.asked += 1;
    if (this.isOpen) {
      this.input.setAttribute("aria-expanded", "false");
      this.node.classList.remove("is-open");
      this.list.hidePopover();
      this.list.replaceChildren();
      this.options = [];
      window.removeEventListener("resize", this.follow);
      document.removeEventListener("scroll", this.follow, true);
      tellClosed(this.node);
    }
    this.#showChosen();
  }

  #onInput() {
    this.typed = this.input.value;
    if (!this.isOpen) this.#open();
    if (!this.many && this.chosen.length && !this.typed) this.#choose([]);
    clearTimeout(this.pause);
    if (this.remote) this.pause = setTimeout(() => this.#ask(this.typed), TYPING_PAUSE_MS);
    else this.#ask(this.typed);
  }

  // Answers may come back in another order than they were asked for; only the newest counts.
  async #ask(query) {
    this.asked += 1;
    const mine = this.asked;
    if (this.remote && !this.options.length) this.#note(this.words("combo.loading"));
    const answer = await this.load(query);
    if (mine !== this.asked || !this.isOpen) return;
    this.options = answer.options || [];
    this.active = this.options.length ? Math.max(0, this.options.findIndex((one) => this.#has(one))) : -1;
    if (this.options.length) this.#drawOptions();
    else this.#note(answer.problem || this.words(answer.tooShort ? "combo.short" : "combo.none"));
  }

  // ---- drawing ----

  #note(text) {
    this.list.replaceChildren(h("p", { class: "combo-note", role: "status" }, text));
    this.input.removeAttribute("aria-activedescendant");
    this.follow();
  }

  #drawOptions() {
    const nodes = [];
    let group = null;
    this.options.forEach((option, index) => {
      if (option.group && option.group !== group) nodes.push(h("p", { class: "combo-group", role: "presentation" }, option.group));
      group = option.group;
      nodes.push(this.#optionNode(option, index));
    });
    this.list.replaceChildren(...nodes);
    this.#showActive();
    this.follow();
  }

  #optionNode(option, index) {
    const chosen = this.#has(option);
    return h("div", { class: "combo-option", role: "option", id: `${this.listId}-${index}`, "aria-selected": String(chosen),
      data: { index }, on: { click: () => this.#pick(option), mousemove: () => this.#moveTo(index) } },
      option.lead || null,
      h("span", { class: "combo-words" }, h("span", {}, option.text), option.note ? h("small", {}, option.note) : null),
      chosen ? icon("check", 16) : null);
  }

  #showChosen() {
    if (this.many) {
      this.input.value = this.typed;
      this.chips.replaceChildren(...this.chosen.map((one) => this.#chip(one)));
    } else if (!this.typed) {
      this.input.value = this.chosen[0]?.text ?? "";
    }
    this.input.placeholder = this.chosen.length ? "" : this.placeholder || this.words(this.remote ? "combo.search" : "combo.choose");
    this.input.title = this.many ? "" : this.chosen[0]?.text ?? "";
  }

  #chip(option) {
    return h("span", { class: "chip" }, h("span", { class: "chip-words" }, option.text),
      h("button", { type: "button", class: "chip-remove", "aria-label": this.words("combo.remove", { name: option.text }),
        on: { click: () => this.#choose(this.chosen.filter((one) => one.key !== option.key)) } }, icon("close", 12)));
  }

  #moveTo(index) {
    if (index === this.active) return;
    this.active = index;
    this.#showActive(false);
  }

  #showActive(scroll = true) {
    for (const node of this.list.querySelectorAll(".combo-option")) {
      const on = Number(node.dataset.index) === this.active;
      node.classList.toggle("is-active", on);
      if (on && scroll) node.scrollIntoView({ block: "nearest" });
    }
    if (this.active >= 0) this.input.setAttribute("aria-activedescendant", `${this.listId}-${this.active}`);
  }

  // ---- choosing ----

  #has(option) {
    return this.chosen.some((one) => one.key === option.key);
  }

  #pick(option) {
    if (!this.many) {
      this.#choose([option]);
      this.#close();
      return;
    }
    const without = this.chosen.filter((one) => one.key !== option.key);
    if (without.length === this.chosen.length && this.chosen.length >= this.most) return;
    this.typed = "";
    this.#choose(without.length < this.chosen.length ? without : [...this.chosen, option]);
    this.#ask("");
  }

  #choose(chosen) {
    this.chosen = chosen;
    this.#showChosen();
    this.onChange(chosen);
  }

  #onKey(event) {
    if (event.isComposing) return;
    const last = this.options.length - 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#step(event, last);
    else if (event.key === "Enter") this.#enter(event);
    else if (event.key === "Escape" && this.isOpen) {
      event.stopPropagation();
      event.preventDefault();
      this.#close();
    } else if (event.key === "Backspace" && this.many && !this.input.value && this.chosen.length) {
      this.#choose(this.chosen.slice(0, -1));
    }
  }

  #step(event, last) {
    event.preventDefault();
    if (!this.isOpen) return this.#open();
    if (last < 0) return;
    const next = this.active + (event.key === "ArrowDown" ? 1 : -1);
    this.active = next < 0 ? last : next > last ? 0 : next;
    this.#showActive();
  }

  #enter(event) {
    event.preventDefault();
    event.stopPropagation();
    if (!this.isOpen) this.#open();
    else if (this.options[this.active]) this.#pick(this.options[this.active]);
  }
}
