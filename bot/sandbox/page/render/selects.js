// Gives every kind of Slack select its choices, and lets the chooser (combo.js) do the rest.

import { avatar } from "../person.js";
import { Combo } from "./combo.js";
import { plainOf } from "./text.js";
import { rawOf, valueOf } from "./values.js";

const SHOWN_MOST = 100;
const DEFAULT_MIN_QUERY = 3;

const fold = (text) => String(text).normalize("NFKC").toLowerCase();

const asOption = (option, group = null) => ({
  key: option.value, text: plainOf(option.text), note: plainOf(option.description), group, raw: option,
});

const grouped = (groups) => groups.flatMap((group) => (group.options || []).map((one) => asOption(one, plainOf(group.label))));

function matching(options, query) {
  const wanted = fold(query).trim();
  const hits = wanted ? options.filter((one) => fold(`${one.text} ${one.note || ""}`).includes(wanted)) : options;
  return { options: hits.slice(0, SHOWN_MOST) };
}

const personOption = (person, ctx) => ({
  key: person.id, text: ctx.nameOf(person), note: person.title || "", lead: avatar(person, "s"), raw: person.id,
});
const channelOption = (channel) => ({ key: channel.id, text: `#${channel.name}`, raw: channel.id });

const KINDS = {
  static: {
    all: (element) => (element.option_groups ? grouped(element.option_groups) : (element.options || []).map((one) => asOption(one))),
    one: (raw) => asOption(raw),
  },
  external: { remote: true, one: (raw) => asOption(raw) },
  users: {
    all: (_, ctx) => ctx.people().map((person) => personOption(person, ctx)),
    one: (id, ctx) => (ctx.person(id) ? personOption(ctx.person(id), ctx) : { key: id, text: id, raw: id }),
  },
  channels: {
    all: (_, ctx) => ctx.channels().map(channelOption),
    one: (id, ctx) => (ctx.channel(id) ? channelOption(ctx.channel(id)) : { key: id, text: id, raw: id }),
  },
};
KINDS.conversations = KINDS.channels;

/** static_select, external_select, users_select, conversations_select, channels_select, and the multi_ ones. */
export function select(element, { block, env, label, focusName }) {
  const many = element.type.startsWith("multi_");
  const kind = KINDS[element.type.replace("multi_", "").replace("_select", "")];
  const raw = rawOf(env.value(block, element));
  const combo = new Combo({
    name: label, focusName, many, remote: Boolean(kind.remote), words: env.ctx.words,
    most: element.max_selected_items || Infinity,
    placeholder: plainOf(element.placeholder),
    chosen: (many ? raw || [] : raw ? [raw] : []).map((one) => kind.one(one, env.ctx)),
    load: (query) => (kind.remote ? suggestions(query, element, block, env) : matching(kind.all(element, env.ctx), query)),
    onChange: (chosen) => env.changed(block, element, valueOf(element, many ? chosen.map((one) => one.raw) : chosen[0]?.raw)),
  });
  return { node: combo.node, field: combo.input };
}

async function suggestions(query, element, block, env) {
  const least = element.min_query_length ?? DEFAULT_MIN_QUERY;
  if ([...query].length < least) return { tooShort: true };
  const answer = await env.suggest(block, element, query);
  if (!answer.ok) return { problem: answer.toast || env.ctx.words("combo.failed") };
  if (answer.too_short) return { tooShort: true };
  return { options: answer.option_groups ? grouped(answer.option_groups) : (answer.options || []).map((one) => asOption(one)) };
}
