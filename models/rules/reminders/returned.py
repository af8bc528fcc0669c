"""Cases returned by 21Vianet: leads are warned once when they become too many, and once more for each further step.

What was said last stands in the names of the reminders that were made, so that a warning comes once per crossing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders import subjects
from models.rules.reminders.step import DueSteps, ReminderStep

ABOVE = "above"
"""The step of a warning."""
BELOW = "below"
"""The step after which the threshold may be passed again: the earlier warnings are redrawn to say so."""


@dataclass(frozen=True)
class WarnedLevel:
    """The level of the newest warning, and how many steps were made before and with it."""

    level: int = 0
    steps: int = 0


@dataclass(frozen=True)
class ReturnedFacts:
    """What the warning depends on."""

    level: int  # how far the threshold is passed now; 0 below it
    last: WarnedLevel


def find_steps(facts: ReturnedFacts, to: Audience, now: datetime, next_look: datetime | None) -> DueSteps:
    """Return the warning that is due now, addressed to ``to``, and when to look again."""
    if facts.level > facts.last.level:
        step, what, audience = ABOVE, MessageKind.REMINDER, frozenset({to})
    elif facts.last.level and not facts.level:
        step, what, audience = BELOW, MessageKind.REMINDER_REFRESH, frozenset[Audience]()
    else:
        return DueSteps((), next_look)
    name = f"{step}{facts.level}.{facts.last.steps + 1}"
    return DueSteps([ReminderStep(subjects.RETURNED, step, now, what, audience, own_name=name)], next_look)


def find_last(names: Iterable[str]) -> WarnedLevel:
    """Return the newest of the steps with these names, as :func:`find_steps` writes them."""
    made = [WarnedLevel(int(level), int(steps)) for level, steps in map(_split, names)]
    return max(made, key=lambda warned: warned.steps, default=WarnedLevel())


def _split(name: str) -> tuple[str, str]:
    level, _, steps = name.removeprefix(ABOVE).removeprefix(BELOW).partition(".")
    return level, steps
