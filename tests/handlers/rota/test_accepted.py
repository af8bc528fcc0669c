"""Hours that somebody accepted as a gap: told as that, and not as nobody alone."""

import pytest

from models.rota.changes import Change, ChangeKind
from models.rota_versions import import_plan
from models.rotas import keep
from tests.handlers.lives import NOW
from tests.handlers.member import Member
from tests.handlers.rota.team import DAY, FILE, HOUR
from tests.handlers.stage import Stage

NO_BACKUP = FILE[: FILE.index('[[layer]]\nname = "backup"')]


@pytest.mark.parametrize("asked", ["", "tomorrow 10:00"])
def test_who_tells_an_accepted_gap_as_accepted(rota: Stage, lina: Member, emma: Member, asked: str) -> None:
    import_plan(rota.store, NO_BACKUP, "cli", NOW - HOUR)
    before = emma.command(f"who {asked}").words
    meant = Change(0, NOW, "U0LINA", ChangeKind.INTEND, NOW, NOW + 3 * DAY, seat="backup", why="small team")
    rota.store.write(lambda c: keep(c, [meant], "U0LINA", NOW, "meant"))

    said = emma.command(f"who {asked}").words

    assert "🔴 nobody" in before
    assert "backup: uncovered" in before
    assert "⚪ nobody · intended" in said.replace("\n", "")
    assert "uncovered" not in said
