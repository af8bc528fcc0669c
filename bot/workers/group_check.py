"""Checks now and then that the on-call user group is as it was set last; the outbox sets it again where it is not.

People edit it by hand, and a call that hung may take effect late.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Executor

from slack_sdk.errors import SlackClientError

from bot.clock import Clock
from bot.slack.user_group import UserGroup
from models.outbox.queue import Outbox
from models.rules.errors import NotSaved

log = logging.getLogger(__name__)

_INTERVAL = 120.0
"""Seconds between two checks: Slack allows twenty such calls a minute."""


class GroupCheck:
    """Compares the group at an interval.

    ``own_id`` gives the bot's Slack id: its own late changes are not edits by a person.
    """

    def __init__(
        self,
        outbox: Outbox,
        group: UserGroup,
        own_id: Callable[[], str],
        clock: Clock,
        notes: Executor,
        wake_up: Callable[[], None],
    ) -> None:
        self._outbox, self._group, self._own_id = outbox, group, own_id
        self._clock, self._notes, self._wake_up = clock, notes, wake_up
        self._looked = clock.monotonic()

    def tick(self) -> None:
        """Check when it is time to, in the background: the tick must not wait for Slack."""
        if self._clock.monotonic() - self._looked >= _INTERVAL:
            self._looked = self._clock.monotonic()
            self._notes.submit(self.look)

    def look(self) -> None:
        """Compare the group with what was set last, and have the outbox set it again where they differ."""
        try:
            last = self._outbox.last_group()
            if last is None or set(self._group.members()) == set(last.members):
                return
            by = self._group.edited_by()
            self._outbox.set_again(last, "" if by == self._own_id() else by, self._clock.now())
            self._wake_up()
        except (SlackClientError, NotSaved) as error:
            log.warning("the on-call user group could not be checked: %s", type(error).__name__)
