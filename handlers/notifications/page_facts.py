"""What a page says of its subjects, in one language: a line of fact for each, with its own dates and units."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit
from handlers.blocks.deadline_words import WaitingCase, describe, describe_wait
from handlers.blocks.turn_line import by
from handlers.i18n import dates, labels
from handlers.i18n.words import N_, Words
from handlers.notifications import escalations, handovers, shifts
from handlers.notifications.context import MessageContext
from handlers.notifications.reminders import REMINDERS
from models.rules.escalations.deadlines import AwaitedStep
from models.rules.escalations.escalation import Escalation
from models.rules.reminders.subjects import EscalationName, GapName, HandoverName, ShiftName

SHOWN_TIME = re.compile(r"\d\d:\d\d")
FACTS = {
    GapName: N_("Gap in the rota: {what}."),
    ShiftName: N_("This shift is not confirmed: {what}."),
    HandoverName: N_("This handover is not done: {what}."),
}
CONFIRMED, TAKE_OVER = N_("This shift begins soon: {what}."), N_("This shift is to be taken over: {what}.")
"""What is said of a shift that is confirmed."""
OWN = {
    FACTS[ShiftName]: N_("Your shift is not confirmed: {what}."),
    CONFIRMED: N_("Your shift begins soon: {what}."),
}
"""The same to the person of the shift."""
TAKE_OVER_FROM = N_("Handover from {who} to you: {what}.")
"""What the person of a shift reads once its handover is due."""
HANDOVER_SOON = N_("This handover is due soon: {what}.")
"""What is said of a handover before its time."""


def describe_facts(
    context: MessageContext, subjects: Sequence[str], zone: ZoneInfo, words: Words, *, with_names: bool
) -> str:
    """Return a line for each subject. ``zone`` is that of readers whose own is not known."""
    parts = [replace(context.delivery, subject=subject) for subject in subjects]
    facts = [MessageContext(part, context.render_context, words) for part in parts]
    return "\n".join(_describe_fact(part, zone, with_names=with_names) for part in facts)


def _describe_fact(context: MessageContext, zone: ZoneInfo, *, with_names: bool) -> str:
    words, name = context.reader_words, context.subject_name
    if isinstance(name, EscalationName):
        return _describe_case(name.number, context, zone, with_names=with_names)
    renderer = REMINDERS.get(type(name)) if name else None
    what = _put_zone(html.unescape(renderer.describe(context)), context) if renderer else ""
    sentence = FACTS.get(type(name), N_("A reminder waits for you in Slack. {what}"))
    if isinstance(name, ShiftName) and shifts.is_confirmed(context):
        sentence = TAKE_OVER if shifts.find_take_over(context) else CONFIRMED
    if isinstance(name, ShiftName) and context.user and context.snapshot.member_of(context.user) == name.person:
        what = what.rpartition(" · ")[0]
        if handover := shifts.find_take_over(context):
            return words(TAKE_OVER_FROM, who=handover.outgoing, what=what)
        sentence = OWN[sentence]
    if isinstance(name, HandoverName) and context.now < name.at:
        sentence = HANDOVER_SOON
    fact = words(sentence, what=what).strip()
    missing = _name_missing(context) if isinstance(name, HandoverName) else []
    return f"{fact}\n{words('Not pressed yet: {who}.', who=words.join_items(missing))}" if missing else fact


def _name_missing(context: MessageContext) -> list[str]:
    """Return who has not pressed yet; the reader of a page is "you", and is named first."""
    missing = handovers.list_missing(context)
    reader = context.snapshot.member_of(context.user) if context.user else ""
    if reader not in missing:
        return missing
    return [context.reader_words("you"), *(name for name in missing if name != reader)]


def _put_zone(what: str, context: MessageContext) -> str:
    """Name the zone beside the times with which a gap, a shift or a handover begins."""
    times, dot, rest = what.partition(" · ")
    if not SHOWN_TIME.search(times) or _knows_zone(context, context.viewer.zone):
        return what
    return f"{dates.name_zone(times, context.viewer.zone, context.reader_words)}{dot}{rest}"


def _describe_case(number: int, context: MessageContext, zone: ZoneInfo, *, with_names: bool) -> str:
    words, case = context.reader_words, context.render_context.queries.escalation(number)
    if case is None:
        return f"CSP-{number}"
    deadline = escalations.find_deadline_of(case, context) if context.reminder.key else None
    zone = context.find_reader_zone(zone)
    names_zone = not _knows_zone(context, zone)
    if deadline is None or deadline.step is AwaitedStep.ACKNOWLEDGEMENT:
        times = context.render_context.policy.reminder_times
        fact = describe_wait(case, times, zone, words, context.now, names_zone=names_zone)
    else:
        named, contact = labels.name_with_severity(case, words), escalations.find_contact(case, context)
        fact = describe(WaitingCase(case, deadline, named), contact, zone, words, context.now, names_zone=names_zone)
    return f"{fact}\n{name_customer(case, words)}" if with_names else fact


def name_due(due: datetime, zone: ZoneInfo, context: MessageContext) -> str:
    """Return until when something is to be done; the zone is named where it may differ from the reader's."""
    at = by(due, zone, context.reader_words, context.now)
    return at if _knows_zone(context, zone) else dates.name_zone(at, zone, context.reader_words)


def _knows_zone(context: MessageContext, zone: ZoneInfo) -> bool:
    """Return whether the reader needs no name of a zone: a person in that of the team."""
    return context.reader is not None and zone.key == context.render_context.settings.timezone.key


def name_customer(case: Escalation, words: Words) -> str:
    """Return the customer and the title of a case, for addresses that may name them."""
    customer = case.customer_name or words(labels.KIND[case.kind])
    return f"{block_kit.clip(customer, 60)}{words.colon}{block_kit.clip(case.title, 80)}"
