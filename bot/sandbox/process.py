"""The bot as a child process: start, stop, kill and restart it, and keep its output.

No other process gets a signal. The bot never outlives the sandbox, even when that is killed: a shell beside it waits at
a pipe that only the sandbox holds open.
"""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

PATIENCE = 10.0  # seconds after SIGTERM before SIGKILL
LONGEST_REASON = 500
"""So many characters of the last line are kept."""
LEASH = """
exec 3<&0 </dev/null
( read -r _ <&3 || kill -s KILL -- -$$ ) >/dev/null 2>&1 &
exec 3<&-
exec "$@"
"""
"""Becomes the bot itself. The shell beside it reads a line when the bot has ended, or the end of the pipe when the
sandbox has."""


class BotProcess:
    """The bot. ``changed`` is called whenever it starts or ends; ``echo`` gets each line it prints."""

    def __init__(
        self,
        argv: tuple[str, ...],
        env: Mapping[str, str],
        log: Path | None,
        changed: Callable[[], None],
        echo: Callable[[str], None] | None = None,
    ) -> None:
        self._argv = argv
        self._env = env
        self._log = log
        self._changed = changed
        self._echo = echo
        self._child: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._leash: int | None = None
        self._last_line = ""

    @property
    def running(self) -> bool:
        """Whether the bot runs now."""
        return self._child is not None and self._child.returncode is None

    @property
    def pid(self) -> int | None:
        """The process id; None while it does not run."""
        return self._child.pid if self._child and self.running else None

    @property
    def exit_code(self) -> int | None:
        """How the bot ended last; negative for a signal. None while it runs or before its first start."""
        return self._child.returncode if self._child else None

    @property
    def reason(self) -> str:
        """The last line of a bot that ended by itself with an error; empty while it runs, and after a signal."""
        return self._last_line if self.exit_code is not None and self.exit_code > 0 else ""

    async def start(self) -> None:
        """Start the bot unless it runs.

        It gets a session of its own, so that Ctrl-C reaches it only through the sandbox.
        """
        if self.running:
            return
        if self._reading:
            await self._reading
        self._last_line = ""
        self._child = await self._spawn()
        self._reading = asyncio.create_task(self._read(self._child))
        self._changed()

    async def _spawn(self) -> Process:
        end, self._leash = os.pipe()
        argv, env = ("/bin/sh", "-c", LEASH, "bot", *self._argv), {**os.environ, **self._env}
        try:
            return await asyncio.create_subprocess_exec(
                *argv, env=env, stdin=end, stdout=PIPE, stderr=STDOUT, start_new_session=True
            )
        finally:
            os.close(end)

    def _let_go(self) -> None:
        if self._leash is not None:
            with suppress(OSError):  # somebody ended the other side
                os.write(self._leash, b"\n")
            os.close(self._leash)
            self._leash = None

    async def kill(self) -> None:
        """Send SIGKILL, as a crash does."""
        await self._end(signal.SIGKILL)

    async def terminate(self) -> None:
        """Send SIGTERM, and SIGKILL when the bot still runs ten seconds later."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        child = self._child
        if child is None or child.returncode is not None:
            return
        with suppress(ProcessLookupError):
            child.send_signal(how)
        try:
            await asyncio.wait_for(child.wait(), PATIENCE)
        except TimeoutError:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        if self._reading:
            await self._reading

    async def _read(self, child: Process) -> None:
        """Pass the output on, line by line, until it ends with the process."""
        assert child.stdout is not None  # noqa: S101 - asked for with PIPE
        log = self._open_log()
        try:
            while line := await _line(child.stdout):
                text = line.decode(errors="replace").rstrip("\n")
                self._last_line = text.strip()[:LONGEST_REASON] or self._last_line
                if log:
                    log.write(text + "\n")
                if self._echo:
                    self._echo(f"bot | {text}")
        finally:
            if log:
                log.close()
        await child.wait()
        self._let_go()
        self._changed()

    def _open_log(self) -> TextIO | None:
        if self._log is None:
            return None
        self._log.parent.mkdir(parents=True, exist_ok=True)
        return self._log.open("a", encoding="utf-8", buffering=1)


async def _line(stream: asyncio.StreamReader) -> bytes:
    """Return the next line, or as much of an endless one as fits."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as over:
        return await stream.readexactly(over.consumed)
