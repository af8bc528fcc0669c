"""How long seats are uncovered or below the requirement: the one sum behind checks, charts and reports. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import groupby

from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.intervals import merge_windows
from models.rules.rota.local_clock import to_seconds


def sum_by_seat_and_kind(gaps: Iterable[Gap]) -> Mapping[tuple[str, GapKind], timedelta]:
    """Return by seat and kind how long its gaps last. A minute with several reasons counts once."""
    ordered = sorted(gaps, key=_key)
    return {
        key: timedelta(
            seconds=sum(
                end - start
                for start, end in merge_windows((to_seconds(gap.start), to_seconds(gap.end)) for gap in group)
            )
        )
        for key, group in groupby(ordered, key=_key)
    }


def sum_of_kind(gaps: Iterable[Gap], kind: GapKind) -> timedelta:
    """Return how long all seats together have gaps of a kind. One hour in two seats is two hours."""
    return sum(
        (length for (_, gap_kind), length in sum_by_seat_and_kind(gaps).items() if gap_kind is kind), timedelta()
    )


def _key(gap: Gap) -> tuple[str, GapKind]:
    """Return what gaps are grouped by."""
    return gap.seat, gap.kind
