"""A night without Slack, from 01:50 to 03:00: a case of severity A is raised at the terminal, and the phone rings.

Links acknowledge it and hand the shift over. When Slack is back, nothing that was done is asked for again."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest

from handlers import ids
from models.rules.escalations.escalation import Status
from models.rules.outbox.delivery import DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from tests.end_to_end.auditor import audit
from tests.end_to_end.setup import world as making
from tests.end_to_end.test_night_before_spring_festival import confirm_shift
from tests.end_to_end.world import ONCALL, PATIENCE, Json, World
from tests.handlers.block_limits import read

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGINS = datetime(2026, 3, 11, 1, 40, tzinfo=SHANGHAI)
MEMBER = '[[member]]\nname = "{name}"\nslack = "{slack}"\nrole = "admin_agent"\n'
LAYERS = """[[layer]]
name = "backup"
seat = "backup"
members = ["王伟"]
starts = 2026-03-09
turn_hours = 24
[[layer]]
name = "primary"
seat = "primary"
members = ["Emma", "李娜"]
starts = 2026-03-10
turn_hours = 12
handoff = 02:30:00
"""
CASE = {
    "id": "desk-1", "customer_name": "晨曦", "severity": "A", "title": "Mail is down", "details": "Since 01:40",
    "service": "m365", "answers": {"impact": "Nobody can work"},
}  # fmt: skip
LINK = re.compile(r"(\d{3})\D{0,12}(http://\S+/act/[\w-]+)")


@pytest.fixture
def night(tmp_path: Path) -> Iterator[World]:
    """A workspace at 01:40, where Li Na is on call until 02:30, then Emma."""
    people = {"李娜": "U0LINA", "Emma": "U0EMMA", "王伟": "U0WANG"}
    rota = 'zone = "Asia/Shanghai"\n' + "".join(MEMBER.format(name=n, slack=s) for n, s in people.items()) + LAYERS
    with making(tmp_path, language="en", begins=BEGINS, with_phones=True) as made:
        (made.folder / "rota.toml").write_text(rota, encoding="utf-8")
        (made.folder / "case.json").write_text(json.dumps(CASE), encoding="utf-8")
        made.run("rota", "import", str(made.folder / "rota.toml"))
        for person in (made.lina, made.wang):
            confirm_shift(made, person)
        made.quiet(1)
        yield made


def test_what_was_done_by_link_while_slack_was_off_is_not_asked_for_again(night: World) -> None:
    move_clock(night, "01:50")
    night.slack.settings(slack_off=True)
    assert night.lina.command("/csp-escalate list")["error"] == "slack_off"

    _raised_at_the_terminal_it_rings_and_is_acknowledged_by_link(night)
    _the_shift_is_handed_over_by_links(night)

    move_clock(night, "03:00")
    rung = len(pages(night))
    night.slack.settings(slack_off=False)
    night.ready()
    audit(night, 3)
    assert not [page for page in pages(night)[rung:] if re.search("认领|交接|acknowledge|handover", page["text"])]
    _slack_asks_for_nothing_and_says_how_people_were_told(night)


def _raised_at_the_terminal_it_rings_and_is_acknowledged_by_link(world: World) -> None:
    world.run("escalations", "raise", "--from", str(world.folder / "case.json"), "--as", "王伟")
    world.until(lambda: [page for page in pages(world, "U0LINA") if page["channel"] == "hook"], "the phone", stride=0)
    follow(world, "U0LINA", "CSP-1")
    assert (world.escalation().status, world.escalation().owner) == (Status.ACKNOWLEDGED, "U0LINA")
    assert world.queries.history(1)[-1].changes["came_by"] == [None, "link"]


def _the_shift_is_handed_over_by_links(world: World) -> None:
    """Li Na is asked 15 minutes before, Emma ten minutes before and after; both five minutes later by phone."""
    for clock in ("02:16", "02:31", "02:41", "02:47"):
        move_clock(world, clock)
    follow(world, "U0LINA", "李娜 → Emma")
    follow(world, "U0EMMA", "李娜 → Emma")


def _slack_asks_for_nothing_and_says_how_people_were_told(world: World) -> None:
    asked = Counter(row.state for row in world.rows if row.what == MessageKind.CALL)
    assert set(asked) == {DeliveryState.SUPERSEDED}
    buttons = ("card.acknowledge", ids.ROTA_HAND_OVER, ids.ROTA_TAKE_OVER)
    for user in ("U0LINA", "U0EMMA"):
        asked_for = str(world.slack.dms(user))
        assert not [button for button in buttons if button in asked_for]
    now = [message["text"] for message in world.slack.messages(ONCALL) if "On call now" in message["text"]]
    assert "<@U0EMMA>" in now[-1]
    assert "Told outside Slack" in read(world.card()["blocks"])


def pages(world: World, user: str = "") -> list[Json]:
    """What arrived on phones, of everybody or of one person."""
    seen: list[Json] = world.slack.state("phone")["phone"]["messages"]
    return [page for page in seen if user in {"", page["to"]}]


def follow(world: World, user: str, about: str) -> None:
    """Press the button behind the newest link about something that somebody got."""
    found = world.until(
        lambda: [link for page in pages(world, user) if about in page["text"] and (link := LINK.search(page["text"]))],
        f"a link about {about} for {user}",
        stride=0.5,
    )
    number, address = found[-1].groups()
    place = urlsplit(address)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection(place.netloc, timeout=PATIENCE)) as connection:
        connection.request("POST", place.path, urlencode({"number": number}), form)
        answer = connection.getresponse()
        assert answer.status == 200, f"{answer.read().decode()}\n{world.log}"


def move_clock(world: World, clock: str) -> None:
    """Once nothing is being sent, let the workspace's clock show this time, and the bot look at what is due."""
    world.until(lambda: not world.is_sending(), "nothing to be on its way", stride=0)
    hour, minute = map(int, clock.split(":"))
    wanted = BEGINS.replace(hour=hour, minute=minute)
    world.slack.advance_clock(wanted.timestamp() - world.slack.state("clock")["clock"]["now"])
    world.until(lambda: world.ticked_at >= wanted, "a tick", stride=0.2)
