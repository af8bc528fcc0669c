"""Which messages of a reminder also go by other ways than Slack, and which of them whatever Slack does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.oncall.gap_register import GapRecord
from models.outbox import page_rows
from models.outbox.messages import ASKING, OutgoingMessage
from models.outbox.page_rows import PagedMessage
from models.outbox.slack_silence import find_silent_since
from models.reminders.due import DueSubject
from models.reminders.settings import ReminderSettings
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.request import Severity
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.escalation import UNACKNOWLEDGED_STEP
from models.rules.reminders.handover import HandoverFacts
from models.rules.reminders.shift import ShiftFacts
from models.rules.reminders.step import ReminderStep

SentStep = tuple[DueSubject, ReminderStep, Sequence[OutgoingMessage]]
"""A step of a subject, with its messages in Slack."""
WIDE = frozenset({Audience.LEADS, Audience.EVERYONE})
"""The audiences from which on a reminder may be loud."""


def enqueue_pages(
    connection: Connection, sent: Iterable[SentStep], settings: ReminderSettings, names: Mapping[str, str], at: datetime
) -> None:
    """Enqueue the pages beside the messages of these steps. ``names`` are the rota's names by Slack id."""
    paged = [page for subject, step, messages in sent for page in _find_pages(subject, step, messages, settings.leads)]
    if paged:
        silent_since = find_silent_since(connection, at)
        page_rows.add(connection, list(page_rows.build_rows(paged, settings.reach, names, at, silent_since)))


def _find_pages(
    subject: DueSubject, step: ReminderStep, messages: Sequence[OutgoingMessage], leads: Iterable[str]
) -> Iterator[PagedMessage]:
    """Yield the messages of a reminder that call people. An open gap calls the leads too, who are only mentioned."""
    facts = subject.facts
    is_loud, severity = _is_loud(facts, step), str(facts.current_severity) if isinstance(facts, Escalation) else ""
    calling = [(message.key, message.user, message.number) for message in messages if message.what in ASKING]
    if is_loud and isinstance(facts, GapRecord):
        calling += [(step.key, lead, None) for lead in leads]
    for key, user, number in calling:
        if user:
            yield PagedMessage(key, step.key, user, step.subject, severity, is_loud, number, reminder=step.details)


def _is_loud(facts: Any, step: ReminderStep) -> bool:
    """Return whether a step is sent whatever Slack does, from the step on at which leads are called.

    That is for severity A, an open gap, a shift that nobody confirmed, and a handover that lacks a press. Severity A is
    loud at once until somebody acknowledges it.
    """
    if isinstance(facts, Escalation):
        is_wide = bool(step.to & WIDE) or step.step == UNACKNOWLEDGED_STEP
        return is_wide and facts.current_severity is Severity.A
    if not step.to & WIDE:
        return False
    return isinstance(facts, ShiftFacts | HandoverFacts) or (
        isinstance(facts, GapRecord) and facts.start <= step.due_at
    )
