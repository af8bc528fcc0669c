"""The auditor's own arithmetic of the rota says the same as the rules that it judges."""

from datetime import UTC, datetime, timedelta

from bot.simulation.checks.reference_rota import ReferenceRota
from bot.simulation.world import small_rota
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import PRIMARY, Rota
from models.rules.rota.shifts import Shift, resolve_shifts
from models.rules.rota.toml.reader import read_rota

START = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def test_who_takes_the_gap_of_their_own_leave_has_one_shift_again_once_the_leave_is_cancelled() -> None:
    rota, end = read_rota(small_rota()), START + 30 * DAY
    shift = next(each for each in _primary_shifts(rota, [], end) if each.start > START + 10 * DAY)
    begins, ends = shift.start + DAY, shift.start + 2 * DAY
    leave = Override(1, START + DAY, "U0LEAD", OverrideKind.TIME_OFF, begins, ends, shift.member)
    taken = Override(2, START + 2 * DAY, "U0SELF", OverrideKind.OVERRIDE, begins, ends, shift.member, PRIMARY)
    changes = [leave, taken, Override(3, START + 3 * DAY, "U0LEAD", OverrideKind.CANCEL, begins, ends, of=1)]

    expected = ReferenceRota(rota, changes, START, end).shifts(PRIMARY)

    spans = [(each.start, each.end) for each in _primary_shifts(rota, changes, end)]
    assert (shift.start, shift.end) in spans
    assert [(each.start, each.end) for each in expected if each.cell] == spans


def _primary_shifts(rota: Rota, changes: list[Override], end: datetime) -> list[Shift]:
    return [shift for shift in resolve_shifts(rota, changes, START, end) if shift.seat == PRIMARY]
