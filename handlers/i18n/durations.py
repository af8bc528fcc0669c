"""Lengths of time in few letters, for places as narrow as a list on a phone."""

from datetime import timedelta

from handlers.i18n.words import Words

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def span(length: timedelta, words: Words) -> str:
    """Format “25 min”, “3 h”, “2 d”: rounded down, in hours up to two days. Negative lengths count as zero."""
    words = words.brief
    if length < HOUR:
        return words("{n} min", n=max(0, whole_minutes(length)))
    if length < 2 * DAY:
        return words("{n} h", n=length // HOUR)
    return words("{n} d", n=length // DAY)


def whole_minutes(length: timedelta) -> int:
    """Return minutes, rounded down: every length of a report is rounded so, as text and as a number."""
    return length // MINUTE


def exact_span(length: timedelta, words: Words) -> str:
    """Format “25 min”, “1 h 45 min”, “2 d 3 h”: rounded down to minutes; from two days on, to hours."""
    words = words.brief
    hours, minutes = divmod(whole_minutes(length), 60)
    if length >= 2 * DAY and hours % 24:
        return words("{days} d {hours} h", days=hours // 24, hours=hours % 24)
    if HOUR <= length < 2 * DAY and minutes:
        return words("{hours} h {minutes} min", hours=hours, minutes=minutes)
    return span(length, words)


def time_left(length: timedelta, words: Words) -> str:
    """Format how long until something, as :func:`span` but to the nearest.

    A reminder of a day ahead is sent some seconds later, and “23 h” would be wrong.
    """
    half = next((unit / 2 for unit, until in ((MINUTE, HOUR), (HOUR, 2 * DAY)) if length < until), DAY / 2)
    return span(max(length, timedelta(0)) + half, words)
