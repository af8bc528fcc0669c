"""Lengths of time in few letters, for places as narrow as a list on a phone."""

from datetime import timedelta

from handlers.i18n.words import Words

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def span(length: timedelta, words: Words) -> str:
    """Format “25 min”, “3 h”, “2 d”: rounded down, in hours up to two days. Negative lengths count as zero."""
    words = words.brief
    if length < HOUR:
        return words("{n} min", n=max(0, length // MINUTE))
    if length < 2 * DAY:
        return words("{n} h", n=length // HOUR)
    return words("{n} d", n=length // DAY)


def time_left(length: timedelta, words: Words) -> str:
    """Format how long until something, as :func:`span` but to the nearest.

    A reminder of a day ahead is sent some seconds later, and “23 h” would be wrong.
    """
    half = next((unit / 2 for unit, until in ((MINUTE, HOUR), (HOUR, 2 * DAY)) if length < until), DAY / 2)
    return span(max(length, timedelta(0)) + half, words)
