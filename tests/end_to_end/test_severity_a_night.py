"""A night on call: a call at once, no answer, the backup takes it; the bot is killed after each press, the clock jumps,
and an old backup is put back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.rules.escalations.escalation import Status
from tests.end_to_end.auditor import audit
from tests.end_to_end.setup import AFTERNOON
from tests.end_to_end.setup import world as making
from tests.end_to_end.world import Json, World
from tests.slack_driver import Actor

ROTA = """zone = "UTC"
[[member]]
name = "李娜"
slack = "U0LINA"
role = "admin_agent"
[[member]]
name = "Emma"
slack = "U0EMMA"
role = "admin_agent"
[[layer]]
name = "primary"
seat = "primary"
members = ["李娜"]
starts = {day}
turn_hours = 24
from = {at}
[[layer]]
name = "backup"
seat = "backup"
members = ["Emma"]
starts = {day}
turn_hours = 24
from = {at}
"""
OLD = re.compile("was restored or replaced|被恢复或更换")
SEVERITY_A = {"severity": "A", "impact": "Nobody can send mail"}


@pytest.fixture(params=["en", "zh_CN"])
def night(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A workspace where Li Na is on call as primary and Emma as backup, for hours yet."""
    with making(tmp_path, language=request.param, begins=AFTERNOON) as made:
        begins = made.now - timedelta(hours=8)
        text = ROTA.format(day=(begins - timedelta(days=1)).date(), at=begins.strftime("%H:00:00"))
        (made.folder / "rota.toml").write_text(text, encoding="utf-8")
        made.run("rota", "import", str(made.folder / "rota.toml"))
        yield made


def test_a_night_with_kills_a_clock_that_jumps_and_a_backup_put_back_loses_nothing(night: World) -> None:
    _nobody_answers_and_the_backup_takes_it(night)
    copy = night.folder / "copy.db"
    night.run("db", "backup", str(copy))
    _the_clock_jumps_and_the_next_card_comes_as_always(night)
    _an_old_backup_is_put_back_and_no_card_reaches_another_case(night, copy)


def _nobody_answers_and_the_backup_takes_it(world: World) -> None:
    assert world.raise_one(world.wang, **SEVERITY_A)["response_action"] == "update"
    world.kill()
    world.start()
    called = world.until(lambda: _calls(world, "U0LINA"), "the call of whoever is on")
    assert "CSP-1" in called[0]["text"]
    assert not _calls(world, "U0EMMA")
    world.quiet()
    _later(world, minutes=4)
    backup = world.until(lambda: _calls(world, "U0EMMA"), "the call of the backup", stride=3)
    assert "Acknowledge" in world.emma.labels({"channel": "D0EMMA", **backup[-1]})
    assert world.emma.click({"channel": "D0EMMA", **backup[-1]}, "card.acknowledge")["ok"]
    world.kill()
    assert (world.escalation().status, world.escalation().owner) == (Status.ACKNOWLEDGED, "U0EMMA")
    world.start()
    audit(world, 3)
    assert world.emma.click(world.card(), "card.tell")["ok"]
    world.kill()
    assert world.escalation().told_at is not None
    world.start()
    audit(world, 3)


def _the_clock_jumps_and_the_next_card_comes_as_always(world: World) -> None:
    world.slack.advance_clock(8 * 3600)
    _ticked(world)
    world.slack.advance_clock(-8 * 3600)
    _ticked(world)
    assert world.raise_one(world.wang)["response_action"] == "update"
    world.card(2)
    audit(world, 3)


def _an_old_backup_is_put_back_and_no_card_reaches_another_case(world: World, copy: Path) -> None:
    second = world.card(2)
    world.terminate()
    said = world.run("db", "restore", str(copy))
    assert "CSP-2" in said
    world.reopen()
    world.start()
    _told_of_the_missing_case(world, second)
    _refused(world, world.emma, second)
    assert world.raise_one(world.wang)["response_action"] == "update"
    world.until(lambda: world.queries.escalation(3), "the next number", stride=0)
    assert world.escalation(3).owner is None
    assert world.queries.escalation(2) is None


def _told_of_the_missing_case(world: World, card: Json) -> None:
    """Once in each channel, and in the thread of its card."""
    world.until(lambda: _of_the_missing_case(world.slack.messages("C0ONCALL")), "word of it", stride=1)
    world.quiet()
    places = (
        world.slack.messages("C0ONCALL"), world.slack.messages("C0ESCAL"), world.slack.thread("C0ESCAL", card["ts"]),
    )  # fmt: skip
    assert [len(_of_the_missing_case(messages)) for messages in places] == [1, 1, 1]


def _of_the_missing_case(messages: list[Json]) -> list[Json]:
    return [message for message in messages if OLD.search(message["text"]) and "CSP-2" in message["text"]]


def _refused(world: World, who: Actor, message: Json) -> None:
    """A press on a card of the record that was replaced: told so, and nothing is done."""
    before = len(world.slack.ephemerals(user="U0EMMA"))
    assert who.click(message, "card.acknowledge")["ok"]
    world.until(lambda: world.slack.ephemerals(user="U0EMMA")[before:], "word that the card is of another record", 0)


def _calls(world: World, user: str) -> list[Json]:
    """Direct messages that ask somebody to acknowledge."""
    return [one for one in world.slack.dms(user) if "card.acknowledge" in str(one.get("blocks"))]


def _later(world: World, minutes: int) -> None:
    world.slack.advance_clock(minutes * 60)
    _ticked(world)


def _ticked(world: World) -> None:
    """Wait until the bot has looked at what is due by the clock as it is now."""
    before = world.ticked_at
    world.until(lambda: world.ticked_at != before, "a tick", stride=1)
