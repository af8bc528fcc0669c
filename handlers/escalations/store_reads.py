"""Reads of the store for one screen, which is drawn without them while the store is away."""

from collections.abc import Callable
from typing import TypeVar

from models.rules.errors import NotSaved

T = TypeVar("T")


class StoreReads:
    """The reads of one screen. After one of them failed the others are left out, because each would wait as long.

    Slack opens a form within three seconds only, and a read fails after 1.5.
    """

    def __init__(self) -> None:
        self._is_away = False

    def read(self, ask: Callable[[], T], instead: T) -> T:
        """Return what is asked for; ``instead`` of it while the store is away."""
        if self._is_away:
            return instead
        try:
            return ask()
        except NotSaved:
            self._is_away = True
            return instead
