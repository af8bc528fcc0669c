"""The warning of returned cases: once per crossing, and again for each further step."""

from models.rules.outbox.message_kinds import MessageKind
from models.rules.outbox.reminder_details import Audience
from models.rules.reminders.returned import ReturnedFacts, WarnedLevel, find_last, find_steps
from tests.models.samples import NOW


def walk(*levels: int) -> list[str]:
    """The names of the steps that are made while the level changes."""
    names: list[str] = []
    for level in levels:
        due = find_steps(ReturnedFacts(level, find_last(names)), Audience.LEADS, NOW, None)
        names += [step.name for step in due.steps]
    return names


def test_a_warning_comes_once_until_it_rises_by_a_step() -> None:
    assert walk(0, 1, 1, 1, 2, 2, 1, 2) == ["above1.1", "above2.2"]


def test_it_comes_again_after_the_numbers_were_below() -> None:
    assert walk(1, 0, 0, 1, 0) == ["above1.1", "below0.2", "above1.3", "below0.4"]


def test_it_goes_to_the_leads_and_being_below_sends_nothing_new() -> None:
    (above,) = find_steps(ReturnedFacts(1, WarnedLevel()), Audience.LEADS, NOW, None).steps
    (below,) = find_steps(ReturnedFacts(0, WarnedLevel(1, 1)), Audience.LEADS, NOW, None).steps

    assert (above.what, above.to) == (MessageKind.REMINDER, frozenset({Audience.LEADS}))
    assert (below.what, below.to) == (MessageKind.REMINDER_REFRESH, frozenset())
