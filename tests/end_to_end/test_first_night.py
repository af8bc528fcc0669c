"""A new team's first night: who is on, a watch confirmed, a handover that lacks a press, a bot killed in between."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from handlers import ids
from tests.end_to_end.auditor import audit
from tests.end_to_end.setup import AFTERNOON
from tests.end_to_end.setup import world as making
from tests.end_to_end.world import ONCALL, Json, World
from tests.handlers.block_limits import read
from tests.slack_driver import Refused

MEMBER = '[[member]]\nname = "{name}"\nslack = "{slack}"\nrole = "admin_agent"\n'
LAYER = """[[layer]]
name = "{seat}"
seat = "{seat}"
members = [{members}]
starts = {day}
turn_hours = 2
from = {at}
"""
PEOPLE = {"李娜": "U0LINA", "王伟": "U0WANG", "Emma": "U0EMMA"}


@pytest.fixture
def night(tmp_path: Path) -> Iterator[World]:
    """A workspace whose shifts of two hours change between one and two hours from now, at any time of the day."""
    with making(tmp_path, begins=AFTERNOON) as made:
        yield made


def rota(now: datetime) -> str:
    """Li Na and Wang Wei in turn, two hours each; Emma is backup."""
    people = "".join(MEMBER.format(name=name, slack=slack) for name, slack in PEOPLE.items())
    at = now.strftime("%H:00:00")
    day = (now - timedelta(days=2)).date()
    primary = LAYER.format(seat="primary", members='"李娜", "王伟"', day=day, at=at)
    backup = LAYER.format(seat="backup", members='"Emma"', day=day, at=at)
    return f'zone = "UTC"\n{people}{primary}{backup}'


def shown(world: World, words: str) -> Json | None:
    """The newest message in the on-call channel that says so, in its threads too."""
    return _newest(world.slack.state("messages")["messages"].get(ONCALL, []), words, ONCALL)


def told(world: World, user: str, words: str) -> Json | None:
    """The newest direct message to somebody that says so."""
    return _newest(world.slack.dms(user), words, f"D{user[1:]}")


def _newest(messages: list[Json], words: str, channel: str) -> Json | None:
    said = [message for message in messages if words in f"{message['text']} {read(message.get('blocks') or [])}"]
    return {"channel": channel, **said[-1]} if said else None


def test_a_shift_is_confirmed_and_handed_over_in_two_presses_and_a_killed_bot_forgets_nothing(night: World) -> None:
    world = night
    (world.folder / "rota.toml").write_text(rota(world.now), encoding="utf-8")
    world.run("rota", "import", str(world.folder / "rota.toml"))
    on = world.until(lambda: shown(world, "On call now"), "word of who is on", stride=3)
    first, second = ("U0LINA", "U0WANG") if "<@U0LINA>" in on["text"].partition("·")[0] else ("U0WANG", "U0LINA")
    topic = world.until(lambda: _topic(world), "the topic", stride=3)
    assert "⟦" in topic

    world.kill()
    world.start()
    _once_it_is_said(world, lambda: told(world, first, "我已在岗"), "the question for the watch")
    world.until(lambda: pressed(world, first, ids.ROTA_CONFIRM, f"D{first[1:]}"), "the watch", stride=0)
    _once_it_is_said(world, lambda: shown(world, "I hand over"), "the handover")
    world.until(lambda: pressed(world, first, ids.ROTA_HAND_OVER), "the first press", stride=0)
    _once_it_is_said(world, lambda: shown(world, "Handover not complete"), "that a press is missing")
    world.until(lambda: pressed(world, second, ids.ROTA_TAKE_OVER), "the second press", stride=0)
    world.until(lambda: f": <@{second}>" in (shown(world, "On call now") or {"text": ""})["text"], "the new one", 3)
    audit(world, 3)


def pressed(world: World, user: str, button: str, channel: str = ONCALL) -> bool:
    """Press a button of the newest message that has it. One that is drawn anew in between is looked at again."""
    messages = world.slack.messages(channel) if channel == ONCALL else world.slack.dms(user)
    said = [message for message in messages if button in str(message)]
    try:
        return bool(said and world.as_(user).click({"channel": channel, **said[-1]}, button)["ok"])
    except Refused:
        return False


def _once_it_is_said(world: World, look: Callable[[], Json | None], what: str) -> Json:
    """What is said within some hours. The clock jumps only while nothing is being sent: a lease would run out within
    one jump."""
    for _ in range(20):
        world.quiet(3)
        if found := look():
            return found
        later = world.ticked_at + timedelta(minutes=9)
        world.slack.advance_clock(9 * 60)
        world.until(lambda later=later: world.ticked_at > later, "a tick", stride=3)  # type: ignore[misc]
    raise AssertionError(f"nobody said {what}")


def _topic(world: World) -> str:
    channels = world.slack.state("channels")["channels"]
    value = str(next(channel for channel in channels if channel["id"] == ONCALL).get("topic") or "")
    return value if "⟦" in value else ""
