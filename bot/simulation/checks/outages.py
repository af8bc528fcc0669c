"""Measure time without outages: how long somebody had who could act only while the bot and Slack were there."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Time = tuple[datetime, datetime]


class Outages:
    """The outages, each with time to recover after it."""

    def __init__(self, outages: Iterable[Time], recovery: timedelta) -> None:
        self._outages: list[Time] = []
        for start, end in sorted(outages):
            if self._outages and start <= self._outages[-1][1]:
                self._outages[-1] = (self._outages[-1][0], max(self._outages[-1][1], end + recovery))
            else:
                self._outages.append((start, end + recovery))

    def measure_uptime(self, start: datetime, end: datetime) -> timedelta:
        """Return how much of a span was outside outages."""
        if end <= start:
            return timedelta()
        uptime = end - start
        for begins, ends in self._outages:
            if begins < end and start < ends:
                uptime -= min(end, ends) - max(start, begins)
        return uptime

    def add_uptime(self, start: datetime, span: timedelta) -> datetime:
        """Return the instant by which ``span`` has passed outside outages."""
        at = start
        for begins, ends in self._outages:
            if ends <= at:
                continue
            if begins > at:
                if begins - at >= span:
                    break
                span -= begins - at
            at = ends
        return at + span
