// Finds the renderer of an interactive element by its type.

import { button, checkboxes, overflow, radioButtons } from "./choices.js";
import { picker, textInput } from "./inputs.js";
import { select } from "./selects.js";
import { unknown } from "./text.js";

const RENDERERS = {
  button, checkboxes, overflow, radio_buttons: radioButtons,
  plain_text_input: textInput, email_text_input: textInput, url_text_input: textInput, number_input: textInput,
  datepicker: picker, timepicker: picker, datetimepicker: picker,
  static_select: select, external_select: select, users_select: select, conversations_select: select, channels_select: select,
  multi_static_select: select, multi_external_select: select, multi_users_select: select,
  multi_conversations_select: select, multi_channels_select: select,
};

/** {node, field}: the whole element, and the part that takes the focus. */
export function renderElement(element, block, env, label = "") {
  const draw = RENDERERS[element?.type];
  if (!draw) {
    const node = unknown("element", element, env.ctx);
    return { node, field: node };
  }
  const name = label || element.placeholder?.text || element.action_id || element.type;
  return draw(element, { block, env, label: name, focusName: `${block.block_id}/${element.action_id}` });
}
