"""A gap from the day it is found to the minute it is over."""

from models.rules.outbox.message_kinds import MessageKind
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, Duty
from tests.models.samples import NOW

NIGHT = BOBS + 4 * DAY  # bob's turn four days on: 26 November, 08:00 in Shanghai


def steps(duty: Duty, subject: str = "gap:1") -> list[str]:
    """The names of the steps that were made of a gap."""
    return [step.partition("@")[0] for step, *_ in duty.made(subject)]


def test_a_gap_is_announced_when_it_is_found_and_gets_one_card(duty: Duty) -> None:
    duty.rota()
    duty.tick(NOW)
    duty.leave("bob", NIGHT, NIGHT + DAY)

    duty.tick(NOW + MINUTE)
    duty.tick(NOW + 2 * MINUTE)

    assert [(one.what, one.to) for one in duty.said("gap:")] == [(MessageKind.GAP, "C0ONCALL")]
    assert steps(duty) == ["found"]


def test_as_it_comes_nearer_it_is_said_again_to_more_and_more(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", NIGHT, NIGHT + DAY)
    duty.ticks(NOW, NIGHT + HOUR)

    assert steps(duty) == ["found", "72h", "24h", "4h", "30min", "open0", "open1", "open2", "open3", "open4"]
    lines = [one for one in duty.said("gap:1", [MessageKind.REMINDER]) if one.to == "C0ONCALL"]
    told = [one.to for one in duty.said("gap:1", [MessageKind.REMINDER]) if "72h" in one.key]
    assert len(lines) == 9
    assert told == ["C0ONCALL", "U0ANN", "U0DAN"]  # cid is backup then, bob on leave
    assert len(duty.said("gap:", [MessageKind.GAP])) == 1
    assert duty.said("gap:2") == []


def test_when_somebody_takes_it_that_is_said_once_and_nothing_follows(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", NIGHT, NIGHT + DAY)
    duty.tick(NOW)
    duty.stand("dan", NIGHT, NIGHT + DAY, NOW + HOUR)

    duty.ticks(NOW + HOUR, NIGHT + HOUR)

    said = [(one.what, one.key.partition("/")[2]) for one in duty.said("gap:")]
    assert said == [(MessageKind.GAP, "card"), (MessageKind.REMINDER, "ended"), (MessageKind.GAP_REFRESH, "ended/card")]


def test_a_gap_that_nobody_took_passes_and_that_is_said(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", NIGHT, NIGHT + HOUR)
    duty.ticks(NOW, NIGHT + 3 * HOUR)

    assert steps(duty)[-1] == "ended"
    assert steps(duty).count("open0") == 1
    assert len([step for step in steps(duty) if step.startswith("open")]) == 4


def test_taking_a_part_moves_the_card_and_opens_no_other(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", NIGHT, NIGHT + DAY)
    duty.tick(NOW)
    duty.stand("dan", NIGHT, NIGHT + 12 * HOUR, NOW + HOUR)

    duty.tick(NOW + HOUR)

    assert [one.what for one in duty.said("gap:")] == [MessageKind.GAP, MessageKind.GAP_REFRESH]


def test_three_hundred_far_gaps_are_one_message(duty: Duty) -> None:
    duty.rota()
    duty.tick(NOW)
    before = len(duty.said())
    for n in range(20, 320):
        duty.leave("cid", BOBS + n * DAY, BOBS + n * DAY + HOUR)

    ticked = duty.tick(NOW + MINUTE)

    assert ticked.reminders == 300
    assert [one.what for one in duty.said()[before:]].count(MessageKind.GAPS) <= 2
    assert duty.said("gap:", [MessageKind.GAP]) == []
