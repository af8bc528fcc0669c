"""A night of severity A: who is on call is called with the raise, the backup three minutes later, through a kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers import ids
from models.rules.escalations.escalation import Move
from tests.end_to_end.auditor import audit
from tests.end_to_end.setup import AFTERNOON
from tests.end_to_end.setup import world as making
from tests.end_to_end.test_first_night import pressed, rota, shown, told
from tests.end_to_end.world import Json, World
from tests.handlers.block_limits import read

ACKNOWLEDGE = ids.move_button(Move.ACKNOWLEDGE)


@pytest.fixture(params=["en", "zh_CN"])
def night(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A workspace with nobody on call yet, that speaks one language."""
    with making(tmp_path, language=request.param, begins=AFTERNOON) as made:
        yield made


def test_who_is_on_call_is_called_at_once_then_the_backup_and_a_kill_loses_neither(night: World) -> None:
    world = night
    (world.folder / "rota.toml").write_text(rota(world.now), encoding="utf-8")
    world.run("rota", "import", str(world.folder / "rota.toml"))
    standing = "On call now" if world.language == "en" else "当前值班"
    on = world.until(lambda: shown(world, standing), "word of who is on", stride=3)
    first, second = ("U0LINA", "U0WANG") if "<@U0LINA>" in on["text"].partition("·")[0] else ("U0WANG", "U0LINA")

    world.raise_one(world.as_(second), severity="A", impact="全员无法工作")
    world.kill()
    world.start()

    world.until(lambda: told(world, first, "📟 CSP-1"), "the call of who is on call", stride=0)
    assert read(world.as_(second).modal["blocks"]).count("📟") == 1
    world.slack.advance_clock(181)
    world.until(lambda: told(world, "U0EMMA", "CSP-1"), "the reminder of the backup")
    assert len([one for one in world.slack.dms(first) if "📟 CSP-1" in one["text"]]) == 1

    world.until(lambda: pressed(world, first, ACKNOWLEDGE, f"D{first[1:]}"), "the press", stride=0)
    world.until(lambda: world.escalation().owner == first, "the case to be theirs")
    world.until(lambda: _is_settled(world, first), "the call to say so")
    audit(world)


def _is_settled(world: World, user: str) -> bool:
    """Whether nothing is left to press in what called them."""
    messages: list[Json] = world.slack.dms(user)
    return ACKNOWLEDGE not in str([message["blocks"] for message in messages if "CSP-1" in str(message)])
