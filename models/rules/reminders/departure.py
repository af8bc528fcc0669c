"""Somebody who is not in the workspace any more: what they own is called out once, until somebody else owns it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.delivery import Audience, MessageKind
from models.rules.reminders.step import DueSteps, ReminderStep

LOOK_AGAIN = timedelta(minutes=5)
"""How often it is looked at whether they still own something."""
REASSIGNED = "reassigned"
"""The step with which nothing is left to reassign: then what asked for it says so."""


@dataclass(frozen=True)
class DepartureFacts:
    """What the ladder needs to know: the subject's name, since when they are gone, whether they still are, how many
    open escalations they own, and whether that was called out before.
    """

    subject: str
    since: datetime
    is_gone: bool
    owns: int
    was_told: bool


def ladder(facts: DepartureFacts, to: Audience, now: datetime) -> DueSteps:
    """What is owed of somebody who left, to the leads (or the channel, where there are none)."""
    if facts.is_gone and facts.owns:
        step = ReminderStep(facts.subject, "owns", facts.since, MessageKind.REMINDER, frozenset({to}))
        return DueSteps([step], now + LOOK_AGAIN)
    if facts.was_told:
        return DueSteps([ReminderStep(facts.subject, REASSIGNED, facts.since, MessageKind.REMINDER_REFRESH)])
    return DueSteps()
