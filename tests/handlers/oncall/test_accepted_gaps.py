"""Hours that somebody accepted as a gap: told as that, and not as nobody alone."""

import pytest

from models.oncall.override_rows import save as save_overrides
from models.oncall.rota_versions import import_rota
from models.rules.rota.overrides import Override, OverrideKind
from tests.handlers.escalation_samples import NOW
from tests.handlers.harness import Stage
from tests.handlers.member import Member
from tests.handlers.oncall.team import DAY, HOUR
from tests.sample_rotas import DAY_AND_NIGHT

NO_BACKUP = DAY_AND_NIGHT[: DAY_AND_NIGHT.index('[[layer]]\nname = "backup"')]


@pytest.mark.parametrize("asked", ["", "tomorrow 10:00"])
def test_who_tells_an_accepted_gap_as_accepted(rota: Stage, lina: Member, emma: Member, asked: str) -> None:
    import_rota(rota.store, NO_BACKUP, "cli", NOW - HOUR)
    before = emma.command(f"who {asked}").words
    meant = Override(0, NOW, "U0LINA", OverrideKind.ACCEPT_GAP, NOW, NOW + 3 * DAY, seat="backup", why="small team")
    rota.store.write(lambda c: save_overrides(c, [meant], "U0LINA", NOW, "meant"))

    said = emma.command(f"who {asked}").words

    assert f"{'🕳️' if asked else '🚨'} nobody" in before
    assert "backup: uncovered" in before
    assert "⚪ nobody · accepted gap" in said.replace("\n", "")
    assert "uncovered" not in said
