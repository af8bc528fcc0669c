"""Judge the reviews of holiday weeks: each must come in time and once.

The weeks are computed here again, from the days of the ``holidays`` package.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from holidays import country_holidays
from sqlalchemy import select

from bot.simulation.checks.audit_names import format_time, name_subject
from bot.simulation.checks.evidence import PROMPT, Evidence, Violation
from bot.simulation.checks.reference_rota import MINUTE
from handlers.i18n.words import N_
from models.rules.outbox.message_kinds import MessageKind
from models.store.oncall_tables import GAP

NINE = time(9)
FIRST, *LATER = 60, 45, 30, 21
"""Days before a week begins at which it is reviewed: the first always, the later ones only while it has a gap."""
TOO_NEAR = 14
_DAY = timedelta(days=1)
_WEEKEND = frozenset({5, 6})


@dataclass(frozen=True)
class _ExpectedReview:
    """One time at which a week must be reviewed."""

    week_name: str
    key: str
    due: datetime
    week: tuple[datetime, datetime]
    is_first: bool


def check_holiday_reviews(evidence: Evidence) -> Iterator[Violation]:
    """Check that the first card of each week came once and in time, and each later one while a gap was known."""
    review_messages = [message for message in evidence.messages if message.kind == MessageKind.HOLIDAY_REVIEW]
    heard = {key: message.at for message in reversed(review_messages) for key in message.keys}
    counts = Counter(message.key for message in review_messages)
    for review in _expected_reviews(evidence):
        by, at = evidence.outages.add_uptime(review.due, PROMPT), heard.get(review.key)
        about = f"{name_subject(review.week_name)}, {format_time(at) if at else '–'}"
        if counts[review.key] > 1:
            yield Violation(N_("a holiday review was sent twice"), review.due, about)
        if at and evidence.outages.measure_uptime(at, review.due) > MINUTE:
            yield Violation(N_("a holiday review was sent too early"), review.due, about)
        is_owed = by < evidence.end and (review.is_first or _is_thin(evidence, review, by))
        if is_owed and (at is None or at > by):
            yield Violation(N_("a holiday review was not sent"), review.due, about)


def _expected_reviews(evidence: Evidence) -> Iterator[_ExpectedReview]:
    zone = evidence.world.rota.zone

    def at(day: date, hour: time = NINE) -> datetime:
        return datetime.combine(day, hour, zone).astimezone(UTC)

    for name, first, last in _weeks(evidence.start.year, evidence.end.year + 1):
        week = at(first, time()), at(last + _DAY, time())
        begins = max(evidence.start, at(first - FIRST * _DAY))  # before the start there was no rota to rehearse with
        if begins >= at(first - TOO_NEAR * _DAY):
            continue
        dues = [(FIRST, begins), *((days, at(first - days * _DAY)) for days in LATER)]
        for days, due in dues:
            if days == FIRST or due > begins:
                about = f"rehearsal:{name}/{first.year}"
                yield _ExpectedReview(about, f"{about}/{days}d", due, week, days == FIRST)


def _weeks(first: int, last: int) -> Iterator[tuple[str, date, date]]:
    """Yield the days off in a row around both festivals of these years, weekends included."""
    china: Any = country_holidays("CN", years=range(first - 1, last + 2), language="en_US")
    for year in range(first, last + 1):
        spring = min(day for day, name in china.items() if day.year == year and "Spring Festival" in name)
        for festival, day in (("spring_festival", spring), ("national_day", date(year, 10, 1))):
            yield festival, _edge(china, day, -_DAY), _edge(china, day, _DAY)


def _edge(china: Any, day: date, step: timedelta) -> date:
    following = day + step
    weekend = following.weekday() in _WEEKEND and following not in china.weekend_workdays
    return _edge(china, following, step) if weekend or following in china else day


def _is_thin(evidence: Evidence, review: _ExpectedReview, by: datetime) -> bool:
    """Whether a gap in the week was known before and is not closed by then.

    A gap whose edges moved is ignored: it can't be told here whether it lay in the week already.
    """
    for row in evidence.rows(select(GAP).where(GAP.c.start < review.week[1], GAP.c.end > review.week[0])):
        has_moved = row.version > (2 if row.ended_at else 1)
        if row.found_at < review.due and not has_moved and not (row.ended_at and row.ended_at <= by):
            return True
    return False
