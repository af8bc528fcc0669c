"""Renders reminders of escalations, and the daily list of all that are open."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import block_kit, open_escalations
from handlers.blocks.customers_to_inform import name_first
from handlers.blocks.deadline_words import VendorContact
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message, NotReady
from handlers.reports.figures import name_month
from models.rules.escalations.clocks import CaseTimeline
from models.rules.escalations.deadlines import (
    Deadline,
    awaits_acknowledgement,
    find_deadline_from_history,
    may_be_due_before,
)
from models.rules.escalations.desk_hours import DeskHours
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.reviews import find_lead_note
from models.rules.escalations.transitions import list_moves, list_moves_of, missing_before_filing
from models.rules.people import Actor
from models.rules.policy.vendor import READ_AGAIN_AFTER
from models.rules.reminders.digest import names_reports, names_unread_pages
from models.rules.reminders.escalation import EARLY_STEP, counted_from
from models.rules.reminders.subjects import EscalationName
from models.rules.reports.month import find_month

NOTE_SHOWN = 600
"""Characters of a lead's note in a reminder; the history has all."""


def render_reminder(context: MessageContext) -> Message | None:
    """Return a reminder of an escalation without progress; None when somebody acted or snoozed it since."""
    escalation, deadline = _find_escalation(context)
    if escalation is None or deadline is None or not _is_due(deadline, context):
        return None
    if context.user and _is_of_others(escalation, context):
        return None
    line = build_line(escalation, context, deadline)
    text = open_escalations.sentence(line, context.words, context.now)
    short = open_escalations.fallback(line, context.words, context.now)
    if context.delivery.lane == escalation.name and not context.user:
        blocks = [open_escalations.thread_reminder(line, context.words), *_quote_lead(escalation, context)]
        thread = _find_thread(escalation.number, context)
        return context.build_mentioning_message(text, blocks, thread, timed=line.is_timed)
    by = Actor(context.user, escalation.team_id, context.is_lead)
    is_on_call = context.user in context.snapshot.everybody_on_call(context.now)
    # A channel shows every possible move: whether somebody may make it is checked at the press.
    possible = list_moves_of(escalation, by, is_on_call) if context.user else list_moves(escalation)
    blocks = [
        open_escalations.reminder(line, context.words),
        *_quote_lead(escalation, context),
        *open_escalations.hotline_script(line, context.words, context.now),
        *open_escalations.buttons(line, possible, context.words),
    ]
    build = context.build_message if context.user else context.build_mentioning_message
    return build(text, blocks, short=short, timed=line.is_timed)


def _quote_lead(escalation: Escalation, context: MessageContext) -> list[block_kit.Block]:
    """Return what the lead wrote who sent a case back; nothing of other cases."""
    note = find_lead_note(escalation, context.render_context.queries.whole_history)
    return [block_kit.rich(block_kit.quote(block_kit.clip(note, NOTE_SHOWN)))] if note else []


def _is_due(deadline: Deadline, context: MessageContext) -> bool:
    """Return whether a reminder still has a reason. Once the deadline has passed, the owner gets another one."""
    is_early = context.reminder.step == EARLY_STEP
    is_current = context.reminder.counted_from == counted_from(deadline)
    return is_current and is_early is (context.now < deadline.due_at)


def _is_of_others(escalation: Escalation, context: MessageContext) -> bool:
    """Return whether a case is no concern of the reader any more: they handed it over, and are not on call."""
    if not escalation.owner or awaits_acknowledgement(escalation) or escalation.owner == context.user:
        return False
    return not context.is_lead and context.user not in context.snapshot.everybody_on_call(context.now)


def describe_end(context: MessageContext) -> str:
    """Return the text that replaces a reminder once somebody acted or snoozed the escalation; empty before."""
    escalation, deadline = _find_escalation(context)
    if escalation is None or (deadline and context.reminder.counted_from == counted_from(deadline)):
        return ""
    owner = find_name(escalation.owner, context) if escalation.owner else ""
    return open_escalations.current_state(build_line(escalation, context), owner, context.words, context.now)


def describe(context: MessageContext) -> str:
    """Return the escalation in a few words; empty when it is not on record."""
    escalation, _ = _find_escalation(context)
    return f"{escalation.name} · {block_kit.escape(block_kit.clip(escalation.title, 60))}" if escalation else ""


def render_digest(context: MessageContext) -> Message:
    """Return the list of all open escalations, the oldest first, or that there are none."""
    escalations = sorted(context.render_context.queries.all_escalations(), key=lambda escalation: escalation.raised_at)
    shown = escalations[: open_escalations.LISTED]
    lines = [build_line(escalation, context, find_deadline_of(escalation, context)) for escalation in shown]
    blocks = open_escalations.digest(lines, len(escalations), context.words, context.now)
    blocks += [
        *_list_unread_pages(context),
        *_name_to_inform(context),
        *_name_stale_articles(context),
        *_name_reports(context),
        *context.name_zone_of(context.build_lateness()),
    ]
    return Message(block_kit.fallback_text(blocks), blocks, context.delivery.channel)


def _list_unread_pages(context: MessageContext) -> list[block_kit.Block]:
    """Return Monday's line on 21Vianet's pages that nobody read for long; nothing on other days."""
    due_at, zone = context.reminder.due_at or context.now, context.render_context.settings.timezone
    pages = context.render_context.policy.find_unread_pages(context.now.astimezone(zone).date())
    if not pages or not names_unread_pages(due_at, zone):
        return []
    says = context.words.plural(
        "{n} page of 21Vianet was not read for {days} days. `csp-escalate doctor` names it.",
        "{n} pages of 21Vianet were not read for {days} days. `csp-escalate doctor` names them.",
        len(pages), days=READ_AGAIN_AFTER.days,
    )  # fmt: skip
    return [block_kit.context(f"📖 {says}")]


def _name_reports(context: MessageContext) -> list[block_kit.Block]:
    """Return the line on the reports of last month, on the first workday of a month; nothing on other days."""
    shared, due_at = context.render_context, context.reminder.due_at or context.now
    zone = shared.settings.timezone
    if not names_reports(due_at, zone, shared.rota_store.workday_test(context.now)):
        return []
    month = find_month(due_at.astimezone(zone).date()).previous
    says = context.words.line_per_language(
        lambda words: words(
            "The service reports of {month} are ready: `/csp-escalate report`",
            month=name_month(month, words),
        )
    )  # fmt: skip
    return [block_kit.context(f"📊 {says}")]


def _name_to_inform(context: MessageContext) -> list[block_kit.Block]:
    """Return Monday's line on customers who must be informed of our support; nothing on other days."""
    due_at, zone = context.reminder.due_at or context.now, context.render_context.settings.timezone
    if not names_unread_pages(due_at, zone):
        return []
    due = context.render_context.informed_customers.find_due(context.now)
    says = context.words.line_per_language(
        lambda words: words.plural(
            "{n} customer must be informed of our support: {names}. `/csp-escalate informed` says why.",
            "{n} customers must be informed of our support: {names}. `/csp-escalate informed` says why.",
            len(due), names=block_kit.escape(name_first([customer.name for customer in due], words)),
        )
    )  # fmt: skip
    return [block_kit.context(f"📣 {says}")] if due else []


def _name_stale_articles(context: MessageContext) -> list[block_kit.Block]:
    """Return Monday's line on articles that nobody confirmed for long; nothing on other days."""
    due_at, zone = context.reminder.due_at or context.now, context.render_context.settings.timezone
    if not names_unread_pages(due_at, zone):
        return []
    after = context.render_context.policy.reminder_times.articles_stale
    count = sum(article.is_stale(context.now, after) for article in context.render_context.articles.all())
    says = context.words.plural(
        "{n} article was not confirmed for {days} days. `/csp-escalate articles` marks it.",
        "{n} articles were not confirmed for {days} days. `/csp-escalate articles` marks them.",
        count, days=after.days,
    )  # fmt: skip
    return [block_kit.context(f"📚 {says}")] if count else []


def build_line(
    escalation: Escalation, context: MessageContext, deadline: Deadline | None = None
) -> open_escalations.EscalationLine:
    """Return an escalation with who must act next: its owner, or the people on call where the owner has left."""
    place = context.render_context.queries.card_place(escalation.number)
    url = block_kit.permalink(context.render_context.workspace(), place.channel, place.ts) if place else ""
    is_owned = escalation.owner and not context.snapshot.is_gone(escalation.owner, context.now)
    users = (
        [escalation.owner]
        if escalation.owner and is_owned
        else list(dict.fromkeys(context.snapshot.on_call(context.now)))
    )
    is_reader = context.delivery.user in users
    names = context.words("you") if is_reader else context.words.join_items(find_name(user, context) for user in users)
    contact = find_contact(escalation, context)
    lead = find_name(escalation.reviewed_by, context) if escalation.reviewed_by else ""
    return open_escalations.EscalationLine(
        escalation, names, url, deadline, contact, context.viewer.zone, lead, is_reader, bool(context.user)
    )


def find_contact(escalation: Escalation, context: MessageContext) -> VendorContact:
    """Return how 21Vianet is reached about an escalation now."""
    policy, workload = context.render_context.policy, str(escalation.answers.get("workload") or "")
    judged_by = context.render_context.policies.of_version(escalation.policy_version)
    target = judged_by.service(escalation.service).find_target(escalation.current_severity, workload)
    hours = DeskHours(target.desk, context.snapshot.is_workday) if target else None
    opens = hours.find_opening(context.now) if hours else context.now
    numbers = tuple(policy.numbers(escalation.service))
    return VendorContact(numbers, opens if opens > context.now else None, missing_before_filing(escalation))


def find_name(user: str, context: MessageContext) -> str:
    """Return the name of a user (a Slack id): as Slack knows it, else as the rota does."""
    person = context.render_context.queries.person(user)
    return person[0].name if person else context.snapshot.member_of(user) or user


def _find_escalation(context: MessageContext) -> tuple[Escalation | None, Deadline | None]:
    """Return the escalation and its deadline."""
    escalation = context.render_context.queries.escalation(context.subject_as(EscalationName).number)
    return escalation, find_deadline_of(escalation, context) if escalation else None


def find_deadline_of(escalation: Escalation, context: MessageContext) -> Deadline | None:
    """Return the deadline that runs for an escalation, as :mod:`models.reminders.due` finds it."""
    return _build_deadline(escalation, context.render_context.queries.timeline(escalation.number), context)


def find_deadlines_before(
    instant: datetime, cases: Sequence[Escalation], context: MessageContext
) -> list[tuple[Escalation, Deadline]]:
    """Return those open escalations that fall due before an instant, with their deadlines, the earliest first."""
    times = context.render_context.policy.reminder_times
    read_cases = [case for case in cases if may_be_due_before(case, times, instant)]
    timelines = context.render_context.queries.timelines([case.number for case in read_cases])
    pairs = ((case, _build_deadline(case, timelines[case.number], context)) for case in read_cases)
    due = [(case, deadline) for case, deadline in pairs if deadline and deadline.due_at < instant]
    return sorted(due, key=lambda pair: pair[1].due_at)


def _build_deadline(escalation: Escalation, timeline: CaseTimeline, context: MessageContext) -> Deadline | None:
    policy = context.render_context.policies.of_version(escalation.policy_version)
    return find_deadline_from_history(escalation, timeline, policy, context.snapshot.is_workday)


def _find_thread(number: int, context: MessageContext) -> str:
    place = context.render_context.queries.card_place(number)
    if place is None:
        raise NotReady
    return place.ts
