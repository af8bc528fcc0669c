"""Judges the rehearsals of holiday weeks: each spoken of in time and once. When the weeks begin is worked out here once
more, from the days the ``holidays`` package names.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from holidays import country_holidays
from sqlalchemy import select

from bot.simulation.checks.evidence import PROMPT, Evidence, Violation
from bot.simulation.checks.labels import clock, subject
from bot.simulation.checks.reference_rota import MINUTE
from handlers.i18n.words import N_
from models.rules.delivery import MessageKind
from models.store.oncall_tables import GAP

NINE = time(9)
FIRST, *LATER = 60, 45, 30, 21
"""So many days before it begins a week is spoken of, the first time for certain, later only while it is thin."""
TOO_NEAR = 14
_DAY = timedelta(days=1)
_WEEKEND = frozenset({5, 6})


@dataclass(frozen=True)
class _Word:
    """One time a week is to be spoken of: by which reminder, when, and whether it is for certain."""

    week_name: str
    key: str
    due: datetime
    week: tuple[datetime, datetime]
    is_first: bool


def rehearsals(all_: Evidence) -> Iterator[Violation]:
    """The first card of each week was seen once and in time, and each later one while a gap in it was known."""
    mine = [one for one in all_.seen if one.what == MessageKind.REHEARSAL]
    heard = {key: one.at for one in reversed(mine) for key in one.keys}
    often = Counter(one.key for one in mine)
    for word in _words(all_):
        by, at = all_.shade.after(word.due, PROMPT), heard.get(word.key)
        about = f"{subject(word.week_name)}, {clock(at) if at else '–'}"
        if often[word.key] > 1:
            yield Violation(N_("a holiday week was rehearsed twice"), word.due, about)
        if at and all_.shade.light(at, word.due) > MINUTE:
            yield Violation(N_("a holiday week was rehearsed too early"), word.due, about)
        is_owed = by < all_.end and (word.is_first or _is_thin(all_, word, by))
        if is_owed and (at is None or at > by):
            yield Violation(N_("a holiday week was not rehearsed"), word.due, about)


def _words(all_: Evidence) -> Iterator[_Word]:
    zone = all_.world.plan.zone

    def at(day: date, hour: time = NINE) -> datetime:
        return datetime.combine(day, hour, zone).astimezone(UTC)

    for name, first, last in _weeks(all_.start.year, all_.end.year + 1):
        week = at(first, time()), at(last + _DAY, time())
        begins = max(all_.start, at(first - FIRST * _DAY))  # before the start there was no rota to rehearse with
        if begins >= at(first - TOO_NEAR * _DAY):
            continue
        dues = [(FIRST, begins), *((days, at(first - days * _DAY)) for days in LATER)]
        for days, due in dues:
            if days == FIRST or due > begins:
                about = f"rehearsal:{name}/{first.year}"
                yield _Word(about, f"{about}/{days}d", due, week, days == FIRST)


def _weeks(first: int, last: int) -> Iterator[tuple[str, date, date]]:
    """The days off in a row around both festivals of these years, weekends among them."""
    china: Any = country_holidays("CN", years=range(first - 1, last + 2), language="en_US")
    for year in range(first, last + 1):
        spring = min(day for day, name in china.items() if day.year == year and "Spring Festival" in name)
        for festival, day in (("spring_festival", spring), ("national_day", date(year, 10, 1))):
            yield festival, _edge(china, day, -_DAY), _edge(china, day, _DAY)


def _edge(china: Any, day: date, step: timedelta) -> date:
    following = day + step
    weekend = following.weekday() in _WEEKEND and following not in china.weekend_workdays
    return _edge(china, following, step) if weekend or following in china else day


def _is_thin(all_: Evidence, word: _Word, by: datetime) -> bool:
    """Whether a gap in the week was known before, and is not closed by then. Of one whose edges moved since nobody can
    tell here whether it lay in the week already.
    """
    for row in all_.rows(select(GAP).where(GAP.c.start < word.week[1], GAP.c.end > word.week[0])):
        has_moved = row.version > (2 if row.ended_at else 1)
        if row.found_at < word.due and not has_moved and not (row.ended_at and row.ended_at <= by):
            return True
    return False
