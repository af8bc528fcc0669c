"""When each person is called about a case of severity A that nobody acknowledges, with the packaged times."""

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from models.rules.outbox.message_kinds import MessageKind
from models.rules.reach.channels import Channel
from models.rules.reach.reach_plan import CHINA
from models.rules.reach.reader import parse_reach
from models.store.database import Store
from tests.handlers.notifications.reach_duty import BOB, LINA, SECOND, ReachDuty
from tests.models.reminders.conftest import MINUTE, REMINDER_SETTINGS
from tests.models.samples import NOW

CID = "U0CID"
TICK = 5 * SECOND
"""How often the bot looks what is due."""
LOOKED = 3 * TICK
"""How much later a page may go in this test than it is due: a tick, and its sender's pace."""
PERSON = """
[[person]]
name = "{name}"
[[person.address]]
channel = "hook"
url = "https://a.cn/call"
secret = "s"
to = "{name}"
[[person.address]]
channel = "wecom_app"
corp_id = "c"
agent_id = "1"
secret = "s"
to = "{name}"
"""
DOCUMENT = Path(__file__).parents[3] / "docs" / "reminders.md"
ROW = re.compile(r"^\| ([\d:]+) \|([^|]*)\|([^|]*)\|$", re.MULTILINE)
NAMES = {BOB: "on call", CID: "backup", LINA: "leads"}


@pytest.fixture
def reach(store: Store) -> ReachDuty:
    """A team whose primary, backup and lead each have a phone and an app, and nobody acknowledges."""
    made = ReachDuty(store, parse_reach("".join(PERSON.format(name=name) for name in ("bob", "cid", LINA)), CHINA))
    made.clock.at = NOW
    made.raised("A")
    made.later(timedelta())
    return made


def wait_until(reach: ReachDuty, minute: int) -> None:
    while reach.clock.at < NOW + minute * MINUTE:
        reach.later(TICK)


def called(reach: ReachDuty, person: str, channel: Channel) -> list[timedelta]:
    """After how long somebody was called by one way, each time."""
    tries = reach.repositories.pages.find_tries(person, NOW, 1000)
    return sorted(each.at - NOW for each in tries if each.channel is channel)


def has_each(found: list[timedelta], due: Iterable[timedelta]) -> bool:
    """Return whether something happened at each of these times, and at no other."""
    due = list(due)
    return len(found) == len(due) and all(at <= was <= at + LOOKED for was, at in zip(found, due, strict=True))


def test_the_person_on_call_rings_in_a_second_and_hears_by_another_way_in_one_minute(reach: ReachDuty) -> None:
    assert called(reach, BOB, Channel.HOOK)[0] <= SECOND
    assert called(reach, BOB, Channel.WECOM_APP)[0] <= MINUTE


def test_the_backup_is_called_after_three_minutes_and_the_leads_after_eight(reach: ReachDuty) -> None:
    wait_until(reach, 10)

    for way in (Channel.HOOK, Channel.WECOM_APP):
        assert has_each(called(reach, CID, way), [3 * MINUTE, 8 * MINUTE])
        assert has_each(called(reach, LINA, way), [8 * MINUTE])
        assert has_each(called(reach, BOB, way)[1:], [8 * MINUTE])


def test_the_table_of_calls_in_the_documents_is_what_happens(reach: ReachDuty) -> None:
    wait_until(reach, 45)

    _, table, _ = re.split(r"<!-- /?calls -->", DOCUMENT.read_text(encoding="utf-8"))
    rows = [(_read_minute(minute), who, phone) for minute, who, phone in ROW.findall(table)]
    reminders = reach.said("escalation:", {MessageKind.REMINDER})
    in_channel = [each.at - NOW for each in reminders if each.to == REMINDER_SETTINGS.oncall_channel]
    for person, name in NAMES.items():
        assert has_each(called(reach, person, Channel.WECOM_APP), [at for at, who, _ in rows if name in who]), name
        assert has_each(called(reach, person, Channel.HOOK), [at for at, _, phone in rows if name in phone]), name
    assert has_each(in_channel, [at for at, who, _ in rows if "channel" in who])


def _read_minute(text: str) -> timedelta:
    minutes, _, seconds = text.partition(":")
    return timedelta(minutes=int(minutes), seconds=int(seconds or 0))
