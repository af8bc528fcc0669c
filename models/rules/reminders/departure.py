"""A departure: somebody left the workspace. Their open escalations are announced once, to be reassigned."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.step import DueSteps, ReminderStep

LOOK_AGAIN = timedelta(minutes=5)
"""How often the program checks whether they still own something."""
REASSIGNED = "reassigned"
"""The step after which nothing is left to reassign: the earlier messages are redrawn to say so."""


@dataclass(frozen=True)
class DepartureFacts:
    """What the steps of a departure depend on."""

    subject: str
    since: datetime  # UTC; when they left
    is_gone: bool  # whether they are still away
    owns: int  # how many open escalations they own
    was_announced: bool  # whether a reminder about them was made before


def find_steps(facts: DepartureFacts, to: Audience, now: datetime) -> DueSteps:
    """Return the steps that are due for somebody who left, addressed to ``to``: the leads or the channel."""
    if facts.is_gone and facts.owns:
        step = ReminderStep(facts.subject, "owns", facts.since, MessageKind.REMINDER, frozenset({to}))
        return DueSteps([step], now + LOOK_AGAIN)
    if facts.was_announced:
        return DueSteps([ReminderStep(facts.subject, REASSIGNED, facts.since, MessageKind.REMINDER_REFRESH)])
    return DueSteps()
