"""The clock of the local Slack: wall time plus an offset that people and tests may change.

The offset is also written to a file, so that a bot in another process can follow it. Trigger ids expire by
``monotonic``, which nobody can move: a person waits three real seconds.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class SandboxClock:
    """The wall time of a workspace, with an offset in seconds."""

    def __init__(
        self,
        file: Path | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.file = file
        self.wall = wall
        self.monotonic = monotonic
        self.offset = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        """Return Unix seconds as the workspace sees them."""
        return self.wall() + self.offset

    def move(self, offset: float) -> None:
        """Set the offset in seconds, write it to the file, and wake everybody who waits for a time."""
        self.offset = offset
        self.write()
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def write(self) -> None:
        """Write the offset to the file in one step, so that no reader sees half a number."""
        if self.file is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_name(self.file.name + ".new")
        fresh.write_text(f"{self.offset}\n", encoding="ascii")
        fresh.replace(self.file)

    async def sleep_until(self, moment: float) -> None:
        """Wait until the workspace's clock shows ``moment``, by waiting or because it was moved."""
        while (remaining := moment - self.now()) > 0:
            moved = self._moved
            with suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), remaining)
