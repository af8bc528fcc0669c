"""Others at work on the same database: processes and threads beside the test, and stores that are closed again."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from models.store.database import Store

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds that a write waits for its turn: the machine may stand still while another has it."""
A_WHILE = 120.0
"""Seconds for what others do beside the test."""


@contextmanager
def opened(url: str, patience: float = PATIENCE) -> Iterator[Store]:
    """A store on that database, for the length of a block."""
    store = Store(url, patience)
    try:
        yield store
    finally:
        store.dispose()


@contextmanager
def another(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process with this text as its program, once it has said that it is ready; killed at the end if it
    still runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout
            assert process.stdout.readline().strip() == "ready"
            yield process
        finally:
            process.kill()


def go(process: subprocess.Popen[str]) -> None:
    """Let it begin with what it is there for."""
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def all_at_once(program: str, arguments: Sequence[Sequence[str]]) -> list[str]:
    """Run the program in one process for each list of arguments, let all go at once, and return what they printed."""
    with ExitStack() as stack:
        crowd = [stack.enter_context(another(program, *argument)) for argument in arguments]
        for process in crowd:
            go(process)
        printed = [process.communicate(timeout=A_WHILE)[0] for process in crowd]
        assert [process.returncode for process in crowd] == [0] * len(crowd)
    return printed


def together(deeds: Sequence[Callable[[], T]]) -> list[T]:
    """Do all at the same moment, each in a thread; what one raises is raised here."""
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[], T]) -> T:
        start.wait(A_WHILE)
        return deed()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(run, deeds))
