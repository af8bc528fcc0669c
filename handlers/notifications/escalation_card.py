"""Renders the card of an escalation, the entries of its thread, and the receipt for the person who raised it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from handlers.blocks import (
    block_kit,
    call,
    case_history,
    customer_record,
    missing_answers,
    review_outcome,
    told_outside,
    turn_line,
    vendor_text,
)
from handlers.blocks import card as card_blocks
from handlers.blocks.card import CardDetails
from handlers.blocks.incidents import can_inform_all
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from models.rules.escalations.deadlines import awaits_acknowledgement, waiting_since
from models.rules.escalations.escalation import ENDED, Escalation, HistoryEntry, Move, Status
from models.rules.escalations.request import Severity
from models.rules.escalations.reviews import BY_LEAD, find_lead_note, may_ask_lead
from models.rules.outbox.delivery import UNFINISHED, DeliveryState
from models.rules.policy.reminders import CallMethod
from models.rules.reminders import subjects

LINKED = 20
"""How many attached cases are shown with links to their cards."""


def render_card(context: MessageContext) -> Message | None:
    """Return the card as a new message."""
    escalation = _find_escalation(context)
    return _build_card(escalation, context) if escalation else None


def render_card_update(context: MessageContext) -> Message | None:
    """Return the card with today's facts, in place of the posted one."""
    escalation, queries = _find_escalation(context), context.render_context.queries
    if escalation is None:
        return None
    # Ask first whether it is being sent, then where it is: it may be posted between the two reads.
    if queries.is_card_under_way(escalation.number):
        raise NotReady
    place = queries.card_place(escalation.number)
    if place is None:
        return None  # the card will be rendered from the same facts when it is posted
    return replace(_build_card(escalation, context), channel=place.channel, update_ts=place.ts)


def render_timeline_entry(context: MessageContext) -> Message | None:
    """Return an entry of the history for the thread of the card."""
    escalation, render_context = _find_escalation(context), context.render_context
    if escalation is None:
        return None
    entry = render_context.queries.entry(escalation.number, context.delivery.seq or 0)
    place = render_context.queries.card_place(escalation.number)
    if place is None:
        raise NotReady
    if entry is None:
        return None
    words = Words.of(render_context.settings.language)
    name = render_context.queries.name_of(entry.by)  # no mention: it would notify the person who did it
    called = _describe_calls(escalation, entry.seq, context, words)
    blocks = [
        block_kit.rich(*case_history.entry(entry, words, block_kit.run(name, "bold"), render_context.policy, called))
    ]
    if entry.move is Move.RAISE:
        blocks += case_history.details(escalation, words, render_context.settings.timezone)
        blocks += _list_contacts(escalation, context, words)
    if entry.move in {Move.RAISE, Move.CORRECT}:
        blocks += missing_answers.ask(escalation, words)
    if (given := entry.changes.get("severity_given")) and given[1] and given[1] > escalation.severity:
        blocks.append(_explain_lower_severity(escalation, entry, words))
    text = f"{escalation.name} · {block_kit.fallback_text(blocks)}"
    return Message(text, blocks, place.channel, thread_ts=place.ts)


def _list_contacts(escalation: Escalation, context: MessageContext, words: Words) -> list[block_kit.Block]:
    """Return the contacts of the customer where the installation shows them in threads; else nothing."""
    if not (context.render_context.settings.contacts_in_threads and escalation.customer_id):
        return []
    record = context.render_context.queries.customer_record(escalation.customer_id)
    return customer_record.contacts(record, words)


def _explain_lower_severity(escalation: Escalation, entry: HistoryEntry, words: Words) -> block_kit.Block:
    """Return what 21Vianet gave instead of what was asked for, and why that happens; told to the owner."""
    is_news = escalation.owner and escalation.owner != entry.by
    owner = [block_kit.person(escalation.owner), block_kit.run(" ")] if escalation.owner and is_news else []
    sentence = words(
        "21Vianet gave {given}; we asked for {asked}. It lowers a severity when the customer has no premier agreement "
        "(OSPA), when we answer late, or when nobody is available.",
        given=entry.changes["severity_given"][1], asked=escalation.severity,
    )  # fmt: skip
    return block_kit.rich(block_kit.line(*owner, block_kit.run(f"↘️ {sentence}")))


def render_receipt(context: MessageContext) -> Message | None:
    """Return the direct message to the raiser: the text to paste for 21Vianet, and who was called.

    Nothing goes to 21Vianet when a past case solved it at once, or while it follows another case.
    """
    escalation, render_context, delivery = _find_escalation(context), context.render_context, context.delivery
    if escalation is None or escalation.solved_from or escalation.solved_by_article:
        return None
    words, policy = context.reader_words, render_context.policy
    text = vendor_text.text(escalation, policy, render_context.settings.timezone)
    recorded = words("*{name}* was created. Its card appears in the escalation channel.", name=escalation.name)
    filing_path = vendor_text.find_filing_path(escalation, words, policy)
    called = _describe_calls(escalation, delivery.seq or 1, context, words)
    intro = f"✅ {recorded}\n📟 {block_kit.escape(called)}" if called else f"✅ {recorded}"
    meanwhile = _tell_meanwhile(escalation, context)
    if escalation.is_filed_elsewhere:
        return Message(intro, [block_kit.section(intro), *meanwhile], None, user=delivery.user)
    review = review_outcome.in_channel(escalation, policy.review, words)
    if escalation.review in BY_LEAD:
        note = find_lead_note(escalation, render_context.queries.whole_history)
        review.append(block_kit.rich(block_kit.facts(card_blocks.review_state(escalation, words, note), words.colon)))
    waiting = review_outcome.next_step(escalation, words)
    blocks = [
        block_kit.section(intro),
        *meanwhile,
        *review,
        *waiting,
        *(missing_answers.ask(escalation, words) or _draw_filing(escalation, text, filing_path, context)),
    ]
    return Message(block_kit.fallback_text(blocks), blocks, None, user=delivery.user)


def _draw_filing(
    escalation: Escalation, text: str, filing_path: vendor_text.FilingPath, context: MessageContext
) -> list[block_kit.Block]:
    """Return the text to paste for 21Vianet and where; that it was submitted once the number is recorded.

    Its owner submits it; where nobody owns it, who raised it. Nothing where the case has ended, or a lead must look at
    it first.
    """
    words, is_of_other = context.reader_words, escalation.owner not in {None, "", context.user}
    if escalation.request_number:
        number = block_kit.escape(escalation.request_number)
        says = words("Submitted to 21Vianet. Its number: {number}", number=number)
        return [block_kit.context(f"✅ {says}")]
    stays = may_ask_lead(escalation) and escalation.severity is not Severity.A
    is_over = escalation.status in {Status.RESOLVED, *ENDED}
    owner = context.render_context.find_name(escalation.owner) if escalation.owner and is_of_other else ""
    return [] if stays or is_over else vendor_text.paste(text, filing_path, words, owner)


def _tell_meanwhile(escalation: Escalation, context: MessageContext) -> list[block_kit.Block]:
    """Return that a receipt is late, and who acknowledged the case before it came; empty for one in time."""
    words, sent_at = context.reader_words, context.first_sent.sent_at
    late = context.name_zone_of(context.build_late_note(escalation.raised_at))
    if not late or not escalation.owner or not escalation.acknowledged_at or escalation.acknowledged_at > sent_at:
        return late
    who, at = context.render_context.find_name(escalation.owner), context.viewer.moment(escalation.acknowledged_at)
    text = words("{name} was already acknowledged, {at}. Its owner is {owner}.", owner=who, name=escalation.name, at=at)
    return [*late, block_kit.context(text)]


def render_receipt_update(context: MessageContext) -> Message | None:
    """Return the same receipt in its place, with the answers as they are now; None while it is not in Slack."""
    return _replace(context, render_receipt)


def render_timeline_update(context: MessageContext) -> Message | None:
    """Return an entry in its place in the thread, after its words were erased; None while it is not in Slack."""
    return _replace(context, render_timeline_entry)


def _replace(context: MessageContext, render: Callable[[MessageContext], Message | None]) -> Message | None:
    state, channel, ts = context.find_redrawn() or (DeliveryState.DEAD, "", "")
    if state in UNFINISHED:
        raise NotReady
    message = render(context) if state is DeliveryState.SENT else None
    return Message(message.text, message.blocks, channel, update_ts=ts) if message else None


def _find_escalation(context: MessageContext) -> Escalation | None:
    number = context.delivery.number
    return context.render_context.queries.escalation(number) if number else None


def _build_card(escalation: Escalation, context: MessageContext) -> Message:
    render_context = context.render_context
    words, raiser = Words.of(render_context.settings.language), render_context.queries.name_of(escalation.raised_by)
    mentions = _list_mentions(escalation, context)
    is_workday = render_context.rota_store.workday_test(context.now)
    judged_by = render_context.policies.of_version(escalation.policy_version)
    line = turn_line.describe(
        escalation, render_context.queries.timeline(escalation.number), judged_by, is_workday, words,
        None, context.now,
    )  # fmt: skip
    people = render_context.pages.find_told(subjects.escalation(escalation.number), waiting_since(escalation))
    children = render_context.incident_cases.find_children(escalation.number)
    rows = [
        *_list_related(escalation, children, context, words),
        *card_blocks.called(mentions, words),
        *told_outside.row(people, words, render_context.find_name),
    ]
    note = find_lead_note(escalation, render_context.queries.whole_history)
    details = CardDetails(line, rows, note, informs_all=can_inform_all(escalation, children))
    blocks = card_blocks.blocks(escalation, words, render_context.policy, raiser, context.now, details)
    return Message(block_kit.fallback_text(blocks), blocks, escalation.channel)


def _list_related(
    escalation: Escalation, attached: Sequence[Escalation], context: MessageContext, words: Words
) -> list[card_blocks.Row]:
    """Return the original, the duplicates and the case by whose fix it was solved, with links to their cards."""
    queries, workspace = context.render_context.queries, context.render_context.workspace()
    duplicates = queries.duplicates_of(escalation.number)
    children = [child.number for child in attached]
    linked = (escalation.duplicate_of, escalation.parent, escalation.solved_from, *duplicates, *children[:LINKED])
    numbers = [number for number in linked if number]
    places = {number: place for number in numbers if (place := queries.card_place(number))}
    urls = {number: block_kit.permalink(workspace, place.channel, place.ts) for number, place in places.items()}
    uses = context.render_context.similar_cases.count_uses([escalation.number]).get(escalation.number, 0)
    return card_blocks.related(escalation, duplicates, urls, words, uses, children)


def _list_mentions(escalation: Escalation, context: MessageContext) -> list[block_kit.Element]:
    """Return who is mentioned while nobody acknowledged it: the on-call user group, or the people who were called."""
    queries, settings = context.render_context.queries, context.render_context.settings
    method = context.render_context.policy.reminder_times.call[escalation.severity]
    if not awaits_acknowledgement(escalation) or method is not CallMethod.MENTION:
        return []
    called = queries.call_targets(escalation.number)
    if settings.oncall_usergroup and (called.people or called.channel):
        return [block_kit.user_group(settings.oncall_usergroup)]
    return [block_kit.person(user) for user in called.people]


def _describe_calls(escalation: Escalation, seq: int, context: MessageContext, words: Words) -> str:
    """Return who was called by an entry of the history, as a sentence; empty when nobody was."""
    render_context = context.render_context
    called = render_context.queries.call_targets(escalation.number, seq)
    duty = render_context.on_call_at(context.now)
    return call.describe_outcome(call.find_outcome(escalation, called, duty, render_context.find_name), words)
