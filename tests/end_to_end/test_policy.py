"""Rules that are imported while the bot runs count without a restart."""

from pathlib import Path

from models.rules.policy.reader import packaged_text
from tests.end_to_end.world import World
from tests.handlers.block_limits import read

OWN_NUMBER = "400-000-0001"


def test_the_running_bot_uses_imported_rules_after_its_next_ticks(shared: World, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(packaged_text().replace("400-089-0365", OWN_NUMBER), encoding="utf-8")
    assert OWN_NUMBER not in _confirmation(shared)

    shared.run("policy", "import", str(file))
    for _ in range(2):  # the tick that runs meanwhile may have read the rules before
        _wait_for_tick(shared)

    assert OWN_NUMBER in _confirmation(shared)


def _wait_for_tick(world: World) -> None:
    before = world.ticked_at
    world.until(lambda: world.ticked_at > before, "a tick", stride=6)


def _confirmation(world: World) -> str:
    """What is read after a case was raised."""
    answer = world.raise_one(world.wang)
    assert answer["ok"]
    shown = read(world.wang.modal["blocks"])
    world.wang.close()
    return shown
