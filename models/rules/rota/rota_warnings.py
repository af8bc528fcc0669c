"""What is odd in a valid rota: layers without people, members who never get a turn. Pure."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import gcd

from models.rules.rota.local_clock import DAY, seconds_since_midnight, weekday_of
from models.rules.rota.rota import Layer, Rota
from models.rules.rota.rotation import DayRotation

WEEK = 7 * DAY
MOST_TURNS = 200_000
"""Turns of a layer that are checked. A layer that repeats only after more turns gets no warning."""


class RotaWarningKind(StrEnum):
    """What a warning is about; its sentence is in ``handlers.i18n.rota_labels``."""

    NO_MEMBERS = "no_members"
    NO_DAYS = "no_days"
    NEVER_ON_TURN = "never_on_turn"
    TURNS_RUN_ON = "turns_run_on"
    LOOK_ALIKE = "look_alike"


@dataclass(frozen=True)
class RotaWarning:
    """One warning."""

    kind: RotaWarningKind
    layer: str = ""  # the layer it is about, if any
    names: tuple[str, ...] = ()  # the members it is about


def find_rota_warnings(rota: Rota) -> list[RotaWarning]:
    """Return all warnings, in the order of the file."""
    return [*_find_look_alikes(rota), *(warning for layer in rota.layers for warning in _check_layer(layer))]


def _find_look_alikes(rota: Rota) -> Iterator[RotaWarning]:
    seen: dict[str, str] = {}
    for name in rota.members:
        first = seen.setdefault(unicodedata.normalize("NFC", name), name)
        if first != name:
            yield RotaWarning(RotaWarningKind.LOOK_ALIKE, names=(name,))


def _check_layer(layer: Layer) -> Iterator[RotaWarning]:
    if not layer.members:
        yield RotaWarning(RotaWarningKind.NO_MEMBERS, layer.name)
    elif not layer.days:
        yield RotaWarning(RotaWarningKind.NO_DAYS, layer.name)
    elif never := find_members_never_on_turn(layer):
        yield RotaWarning(RotaWarningKind.NEVER_ON_TURN, layer.name, tuple(never))
    elif _has_unequal_turns(layer):
        yield RotaWarning(RotaWarningKind.TURNS_RUN_ON, layer.name)


def _has_unequal_turns(layer: Layer) -> bool:
    """Return whether turns pass on days the layer does not cover, so that shares are unequal."""
    whole_weeks = int(layer.length.total_seconds()) % WEEK == 0
    return not layer.skips_days and len(layer.days) < 7 and len(set(layer.members)) > 1 and not whole_weeks


def find_members_never_on_turn(layer: Layer) -> list[str]:
    """Return the members whose turns never touch the days and hours of their layer, in its order."""
    length, people = int(layer.length.total_seconds()), len(layer.members)
    week = len(layer.days) * DAY if layer.skips_days else WEEK
    turns = people * (week // gcd(people * length, week))
    if turns > MOST_TURNS:
        return []
    counted, missing = DayRotation(layer), dict.fromkeys(layer.members)
    for turn in range(turns):
        name = layer.members[turn % people]
        if name in missing and _touches_hours(layer, counted.start_of(turn), counted.start_of(turn + 1)):
            del missing[name]
        if not missing:
            break
    return list(missing)


def _touches_hours(layer: Layer, start: int, end: int) -> bool:
    """Return whether a local time shares a second with the layer's hours on its days."""
    opens, closes = seconds_since_midnight(layer.opens), seconds_since_midnight(layer.closes)
    closes += DAY if closes <= opens else 0
    days = range(start // DAY - 1, min(end, start + WEEK) // DAY + 1)
    return any(weekday_of(day) in layer.days and start < day * DAY + closes and day * DAY + opens < end for day in days)
