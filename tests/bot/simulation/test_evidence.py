"""The auditor notices what is missing from the evidence: of each thing that must follow, something is taken away."""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.simulation.checks.evidence import Evidence, Violation
from bot.simulation.checks.holidays import check_holiday_reviews
from bot.simulation.checks.on_call import check_responsible
from bot.simulation.checks.recurring_messages import check_digests, check_silent_escalations, check_unconfirmed_shifts
from bot.simulation.checks.seen_messages import ObservedMessage
from bot.simulation.escalations import CHANNEL, TEAM
from bot.simulation.run import simulate
from bot.simulation.world import LEAD, World, example_rota
from models.escalations.commands import EscalationCommands
from models.oncall.rota_store import RotaStore
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import MoveRequest
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Actor
from models.rules.policy import reminders
from models.rules.reminders import subjects
from models.rules.rota.overrides import Override, OverrideKind
from tests.bot.simulation.conftest import START, living
from tests.models.samples import customer_request

DAY = timedelta(days=1)
Judge = Callable[[Evidence], Iterable[Violation]]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two days of the example rota, in which somebody takes cases and does not speak of them."""
    with living(tmp_path_factory.mktemp("evidence")) as live:
        world = live(3, 0.2, example_rota(), fault_rate=0.01)
        _take_and_forget(world)
        simulate(world, 1.8, fault_rate=0.01)
        yield world


@pytest.fixture
def evidence(lived: World) -> Evidence:
    """All of it; whatever a test takes away is there again for the next."""
    return copy(Evidence(lived, START))


def _take_and_forget(world: World) -> None:
    commands, by, now = EscalationCommands(world.store), Actor("U0WANG", TEAM), world.clock.now()
    for n in range(4):
        case = commands.raise_escalation(customer_request(), CHANNEL, by, now, f"forgotten/{n}")
        commands.move(
            case.number, MoveRequest(Move.ACKNOWLEDGE, by, now + timedelta(seconds=1)), f"forgotten/{n}/taken"
        )


def _promises(judge: Judge, evidence: Evidence) -> set[str]:
    return {one.promise for one in judge(evidence)}


def _without(evidence: Evidence, gone: Callable[[ObservedMessage], bool]) -> Evidence:
    evidence.messages = [one for one in evidence.messages if not gone(one)]
    return evidence


@pytest.mark.parametrize(
    "judge",
    [check_digests, check_silent_escalations, check_unconfirmed_shifts, check_responsible, check_holiday_reviews],
)
def test_evidence_that_is_whole_breaks_no_promise(judge: Judge, evidence: Evidence) -> None:
    assert list(judge(evidence)) == []


@pytest.mark.parametrize(
    ("what", "promise"),
    [(MessageKind.DIGEST, "no digest of the day"), (MessageKind.PICTURE, "no rota picture this week")],
)
def test_a_message_of_the_day_that_stays_away_is_noticed(evidence: Evidence, what: MessageKind, promise: str) -> None:
    found = _promises(check_digests, _without(evidence, lambda one: one.kind == what))

    assert found == {promise}


def test_the_first_review_of_a_holiday_week_that_stays_away_is_noticed(evidence: Evidence) -> None:
    found = _promises(check_holiday_reviews, _without(evidence, lambda one: one.kind == MessageKind.HOLIDAY_REVIEW))

    assert found == {"a holiday review was not sent"}


def test_a_holiday_review_that_comes_hours_late_is_noticed(evidence: Evidence) -> None:
    late = timedelta(hours=5)
    evidence.messages = [
        replace(one, at=one.at + late) if one.kind == MessageKind.HOLIDAY_REVIEW else one for one in evidence.messages
    ]

    assert _promises(check_holiday_reviews, evidence) == {"a holiday review was not sent"}


def test_a_holiday_review_that_comes_twice_is_noticed(evidence: Evidence) -> None:
    evidence.messages = [
        *evidence.messages,
        *(one for one in evidence.messages if one.kind == MessageKind.HOLIDAY_REVIEW),
    ]

    assert _promises(check_holiday_reviews, evidence) == {"a holiday review was sent twice"}


def test_a_later_review_is_missed_only_while_the_week_is_known_to_be_thin(tmp_path: Path) -> None:
    start = datetime(2026, 1, 15, tzinfo=UTC)  # the Spring Festival begins on 15 February: 30 days before is the 16th
    with living(tmp_path) as live:
        world = live(3, 0.2, example_rota(), start=start, fault_rate=0.01)
        away = Override(0, world.now, "", OverrideKind.TIME_OFF, start + 33 * DAY, start + 34 * DAY, "张敏")
        RotaStore(world.store).record([away], Actor(LEAD, TEAM, is_lead=True), world.now, "away")
        simulate(world, 1.3, fault_rate=0.01)
        whole, lost = Evidence(world, start), Evidence(world, start)
        lost.messages = [one for one in lost.messages if not one.key.endswith("/30d")]

        assert [one.key for one in whole.messages if one.key.endswith("/30d")] == ["rehearsal:spring_festival/2026/30d"]
        assert list(check_holiday_reviews(whole)) == []
        assert [str(rehearsal) for rehearsal in check_holiday_reviews(lost)] == [
            "2026-01-16 01:00 a holiday review was not sent: Spring Festival 2026, –"
        ]


def test_a_silent_case_nobody_speaks_of_is_noticed(evidence: Evidence) -> None:
    found = _promises(
        check_silent_escalations, _without(evidence, lambda one: one.subject.startswith(subjects.ESCALATION))
    )

    assert "nobody was reminded of a silent escalation" in found


def test_an_unconfirmed_shift_nobody_speaks_of_is_noticed(evidence: Evidence) -> None:
    evidence.first_presses = {press: at for press, at in evidence.first_presses.items() if press[2] != "confirmed"}

    assert "an unconfirmed shift was not reported" in _promises(check_unconfirmed_shifts, evidence)


def test_a_ledger_that_names_somebody_who_was_not_relieved_yet_is_noticed(evidence: Evidence) -> None:
    evidence.presses = [press for press in evidence.presses if press.kind != "take_over"]

    assert "the coverage record names someone else" in _promises(check_responsible, evidence)


@pytest.mark.parametrize(
    ("method", "promise"),
    [
        ("conversations.setTopic", "the channel topic names others"),
        ("usergroups.users.update", "the user group names others"),
    ],
)
def test_a_topic_or_group_that_does_not_follow_is_noticed(evidence: Evidence, method: str, promise: str) -> None:
    mine = [setting for setting in evidence.status_updates if setting[1] == method]
    evidence.status_updates = [setting for setting in evidence.status_updates if setting not in mine[len(mine) // 2 :]]

    assert promise in _promises(check_responsible, evidence)


def test_the_patience_with_a_silent_case_is_shorter_than_these_days() -> None:
    assert reminders.load_packaged().number[customer_request().severity] < timedelta(days=1)
