"""How long seats are uncovered or below the requirement: the one sum behind checks, pictures and reports. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import groupby

from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.local_clock import to_seconds
from models.rules.rota.timeline import merge_windows


def sum_by_seat_and_kind(found: Iterable[Gap]) -> Mapping[tuple[str, GapKind], timedelta]:
    """By seat and kind how long its gaps are; a minute with several reasons counts once."""
    ordered = sorted(found, key=_key)
    return {
        key: timedelta(
            seconds=sum(
                end - start for start, end in merge_windows((to_seconds(g.start), to_seconds(g.end)) for g in some)
            )
        )
        for key, some in groupby(ordered, key=_key)
    }


def sum_of_kind(found: Iterable[Gap], kind: GapKind) -> timedelta:
    """How long all seats together are so: an hour in two seats is two."""
    return sum((length for (_, one), length in sum_by_seat_and_kind(found).items() if one is kind), timedelta())


def _key(gap: Gap) -> tuple[str, GapKind]:
    return gap.seat, gap.kind
