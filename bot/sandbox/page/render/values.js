// The shapes in which Slack keeps what was entered: {type, value | selected_option | ...}. Pure.

/** For each stateful element type: the name of its value, and the name under which a block gives its first value. */
const SHAPES = {
  plain_text_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  multi_static_select: ["selected_options", "initial_options"],
  multi_external_select: ["selected_options", "initial_options"],
  checkboxes: ["selected_options", "initial_options"],
  users_select: ["selected_user", "initial_user"],
  multi_users_select: ["selected_users", "initial_users"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
  channels_select: ["selected_channel", "initial_channel"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
};

const many = (key) => key.endsWith("s");

export const isStateful = (element) => Boolean(element && SHAPES[element.type]);
export const valueKey = (type) => SHAPES[type][0];

export function initialValue(element) {
  const [key, first] = SHAPES[element.type];
  return valueOf(element, element[first] ?? null, key);
}

export function valueOf(element, raw, key = valueKey(element.type)) {
  const empty = many(key) ? [] : null;
  return { type: element.type, [key]: raw === null || raw === undefined || raw === "" ? empty : raw };
}

export const rawOf = (value) => (value ? value[valueKey(value.type)] : null);

/** The elements of a block that can hold a value or be pressed. */
export function elementsOf(block) {
  if (block.type === "input") return [block.element];
  if (block.type === "actions" || block.type === "context_actions") return block.elements || [];
  return block.accessory ? [block.accessory] : [];
}

/** In a view these elements tell the bot at once; the others only change the state. */
export const clicksAtOnce = (block) => block.type !== "input" || Boolean(block.dispatch_action);
