// Shows the acting person's stack of views: the top one in front, the others waiting behind it.

import { perform, problem } from "./actions.js";
import { leaveWord } from "./api.js";
import { errorsInTheirWords } from "./client_words.js";
import { fill, h } from "./dom.js";
import { trapFocus } from "./focus.js";
import { ViewForm } from "./form.js";
import { iconButton } from "./icons.js";
import { avatar } from "./person.js";
import { plainOf } from "./render/text.js";
import { botPerson, me, store, t } from "./state.js";
import { hush } from "./toast.js";

const windows = new Map();
let shown = null;
let cameFrom = null;

/** Brings the layer of modals up to date with the server's state. */
export function drawModals(layer, behind) {
  const stack = store.server?.views?.[me().id] || [];
  forgetClosed();
  const top = stack[stack.length - 1] || null;
  layer.hidden = !top;
  for (const node of behind) node.inert = Boolean(top);
  if (!top) return leave(layer);
  const win = windowOf(top);
  win.draw(top, stack.length);
  if (shown !== win) enter(layer, win);
}

/** Before the page goes (a reload, a closed tab): what was typed is left with the server, which gives it back. */
export function keepTyped() {
  for (const win of windows.values()) leaveWord({ user: win.owner, do: "type", view_id: win.id, state: win.form.state() });
}

function windowOf(view) {
  if (!windows.has(view.id)) windows.set(view.id, new ModalWindow(view.id));
  return windows.get(view.id);
}

function forgetClosed() {
  const alive = new Set(Object.values(store.server?.views || {}).flat().map((view) => view.id));
  for (const id of windows.keys()) if (!alive.has(id)) windows.delete(id);
}

function enter(layer, win) {
  if (!shown) cameFrom = document.activeElement;
  shown = win;
  fill(layer, win.node);
  win.form.focusFirst();
  if (!win.node.contains(document.activeElement)) win.node.focus();
}

function leave(layer) {
  if (!shown) return;
  shown = null;
  layer.replaceChildren();
  const back = cameFrom?.isConnected && cameFrom !== document.body ? cameFrom : document.querySelector(".composer textarea");
  back?.focus({ preventScroll: true });
}

class ModalWindow {
  constructor(viewId) {
    this.id = viewId;
    this.owner = me().id;
    this.busy = false;
    this.form = new ViewForm({ view_id: viewId });
    this.head = h("header", { class: "dialog-head" });
    this.problem = h("p", { class: "dialog-problem", role: "alert", hidden: true });
    this.foot = h("footer", { class: "dialog-foot" });
    this.body = h("div", { class: "dialog-body" }, this.form.node);
    this.node = h("form", { class: "dialog", role: "dialog", "aria-modal": "true", tabindex: "-1", novalidate: true,
      on: { submit: (event) => this.#submit(event) } }, this.head, this.body, this.problem, this.foot);
    trapFocus(this.node, { onEscape: () => this.#close() });
  }

  draw(view, depth) {
    this.view = view;
    const frame = JSON.stringify([view.title, view.submit, view.close, view.submit_disabled, depth, me().locale]);
    if (frame !== this.frame) this.#drawFrame(view, depth);
    this.frame = frame;
    this.node.dataset.depth = String(depth);
    this.form.show(view);
  }

  #drawFrame(view, depth) {
    this.node.setAttribute("aria-label", plainOf(view.title));
    const close = depth > 1 ? ["back", t("modal.back")] : ["close", t("modal.close")];
    fill(this.head, avatar(botPerson(), "s"), h("h2", {}, plainOf(view.title)),
      iconButton(close[0], close[1], () => this.#close()));
    fill(this.foot,
      h("button", { type: "button", class: "button", data: { focus: "close" }, on: { click: () => this.#close() } },
        plainOf(view.close) || t(view.submit ? "modal.cancel" : "modal.close")),
      view.submit ? this.#submitButton(view) : null);
  }

  #submitButton(view) {
    const disabled = Boolean(view.submit_disabled);
    return h("button", { type: "submit", class: "button button-primary", data: { focus: "submit" }, disabled }, plainOf(view.submit));
  }

  async #submit(event) {
    event.preventDefault();
    if (this.busy || !this.view.submit) return;
    this.#setBusy(true);
    const answer = await perform({ do: "submit", view_id: this.id, state: this.form.state() }, { quiet: true });
    this.#setBusy(false);
    const trouble = answer.ok || answer.errors ? "" : problem(answer);
    this.#showProblem(trouble);
    this.form.showErrors(errorsInTheirWords(answer.errors || {}));
  }

  #showProblem(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
    if (text) hush(text);
  }

  #setBusy(busy) {
    this.busy = busy;
    this.node.setAttribute("aria-busy", String(busy));
    this.foot.querySelector("[type=submit]")?.setAttribute("aria-busy", String(busy));
  }

  #close() {
    return perform({ do: "close", view_id: this.id });
  }
}
