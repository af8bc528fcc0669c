"""Time with the dark parts taken out: how long somebody had who could only act while the bot and Slack were there."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Time = tuple[datetime, datetime]


class Outages:
    """The dark times, each with a while to recover after it."""

    def __init__(self, dark: Iterable[Time], recovery: timedelta) -> None:
        self._dark: list[Time] = []
        for start, end in sorted(dark):
            if self._dark and start <= self._dark[-1][1]:
                self._dark[-1] = (self._dark[-1][0], max(self._dark[-1][1], end + recovery))
            else:
                self._dark.append((start, end + recovery))

    def light(self, start: datetime, end: datetime) -> timedelta:
        """How much of a time was not dark."""
        if end <= start:
            return timedelta()
        left = end - start
        for begins, ends in self._dark:
            if begins < end and start < ends:
                left -= min(end, ends) - max(start, begins)
        return left

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The instant by which so much time that was not dark has passed."""
        at = start
        for begins, ends in self._dark:
            if ends <= at:
                continue
            if begins > at:
                if begins - at >= span:
                    break
                span -= begins - at
            at = ends
        return at + span
