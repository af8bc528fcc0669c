"""An instant that is typed at the terminal: a date, or a date with a time."""

from datetime import UTC, date, datetime, time, tzinfo

from bot.commands.session import CommandError
from handlers.i18n.words import N_, Words
from models.rules.times import FIRST_YEAR, LAST_YEAR


def parse_instant(typed: str, zone: tzinfo, words: Words) -> datetime:
    """Return a date (its midnight) or a date with a time in UTC; local unless it names its own offset."""
    is_day = len(typed) == len("2026-01-01")
    try:
        moment = datetime.combine(date.fromisoformat(typed), time(0)) if is_day else datetime.fromisoformat(typed)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError(typed)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except ValueError:
        says = words(N_("“{typed}” is not a time such as 2026-01-05 or 2026-01-05T08:00."), typed=typed)
        raise CommandError(says, code=2) from None
