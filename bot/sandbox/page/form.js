// A view's blocks and what was entered into them; for modals and the App Home. What is entered lives here until it is sent.

import { perform } from "./actions.js";
import { debounce, h, patchList } from "./dom.js";
import { renderBlock, showError } from "./render/blocks.js";
import { clicksAtOnce, elementsOf, initialValue, isStateful, rawOf, valueKey } from "./render/values.js";
import { context } from "./state.js";

const CLICK_PAUSE_MS = 350;

const nameOf = (block, element) => `${block.block_id}\n${element.action_id}`;

export class ViewForm {
  /** `where` says to the server what is clicked in: {view_id} or {home: true}. */
  constructor(where) {
    this.where = where;
    this.values = new Map();
    this.node = h("div", { class: "blocks" });
    this.sendSoon = debounce((block, element) => this.#send(block, element), CLICK_PAUSE_MS);
  }

  /** Draws a view, or brings the drawn one up to date; what was typed stays where block_id, action_id and type stay. */
  show(view) {
    this.view = view;
    this.values = this.#carried(view);
    this.ctx = context();
    const reader = [this.ctx.me.id, this.ctx.me.locale, this.ctx.me.tz].join();
    patchList(this.node, view.blocks || [], {
      key: (block) => block.block_id,
      signature: (block) => reader + JSON.stringify(block),
      build: (block) => renderBlock(block, this.#env()),
    });
  }

  #carried(view) {
    const stored = view.state?.values || {};
    const next = new Map();
    for (const block of view.blocks || []) {
      for (const element of elementsOf(block).filter(isStateful)) {
        const kept = this.values.get(nameOf(block, element)) || (this.values.size ? null : stored[block.block_id]?.[element.action_id]);
        next.set(nameOf(block, element), kept?.type === element.type ? possible(kept, element) : initialValue(element));
      }
    }
    return next;
  }

  #env() {
    return {
      ctx: this.ctx,
      value: (block, element) => this.values.get(nameOf(block, element)),
      set: (block, element, value) => this.#set(block, element, value),
      changed: (block, element, value) => {
        this.#set(block, element, value);
        if (clicksAtOnce(block)) this.#send(block, element);
      },
      clicks: clicksAtOnce,
      send: (block, element, extra) => this.#send(block, element, extra),
      sendSoon: (block, element) => clicksAtOnce(block) && this.sendSoon(block, element),
      suggest: (block, element, query) =>
        perform({ do: "suggest", where: this.where, block_id: block.block_id, action_id: element.action_id, query }, { quiet: true }),
    };
  }

  #set(block, element, value) {
    this.values.set(nameOf(block, element), value);
    this.#showErrorAt(block.block_id, "");
  }

  #send(block, element, extra = {}) {
    const value = this.values.get(nameOf(block, element));
    const own = isStateful(element) ? { [valueKey(element.type)]: rawOf(value) } : {};
    return perform({
      do: "click", where: this.where, block_id: block.block_id, action_id: element.action_id, ...own, ...extra, state: this.state(),
    });
  }

  /** Everything entered, in Slack's shape {block_id: {action_id: {type, ...}}}. */
  state() {
    const out = {};
    for (const block of this.view.blocks || []) {
      for (const element of elementsOf(block).filter(isStateful)) {
        (out[block.block_id] ||= {})[element.action_id] = this.values.get(nameOf(block, element));
      }
    }
    return out;
  }

  /** Puts errors {block_id: text} under their fields and goes to the first one. */
  showErrors(errors) {
    for (const block of this.view.blocks || []) this.#showErrorAt(block.block_id, errors[block.block_id]);
    const first = this.node.querySelector(".has-error");
    first?.scrollIntoView({ block: "center" });
    first?.querySelector("input, textarea, button")?.focus({ preventScroll: true });
  }

  #showErrorAt(blockId, text) {
    const node = this.node.querySelector(`[data-block="${CSS.escape(blockId)}"]`);
    if (node) showError(node, text);
  }

  focusFirst() {
    const wanted = (this.view.blocks || []).find((block) => elementsOf(block).some((element) => element?.focus_on_load));
    const scope = wanted ? this.node.querySelector(`[data-block="${CSS.escape(wanted.block_id)}"]`) : this.node;
    scope?.querySelector("input, textarea, select, button, a[href]")?.focus({ preventScroll: true });
  }
}

// A fixed list that no longer holds the chosen option loses it, as it could not be chosen again.
function possible(value, element) {
  if (element.type !== "static_select" && element.type !== "radio_buttons") return value;
  const options = element.option_groups ? element.option_groups.flatMap((group) => group.options) : element.options || [];
  const still = options.find((option) => option.value === value.selected_option?.value);
  return value.selected_option && !still ? initialValue(element) : { ...value, selected_option: still ?? null };
}
