"""From the start of the process until Slack said hello: with a fresh database, an existing one, and bare."""

import subprocess
import sys
from pathlib import Path

from tests.bench.load_harness import BARE, OURS, ROOT, App, LocalSlack, clean_environment
from tests.bench.measurement import Figure, Workshop, at_most, closing_all, middle, told

REPEATS = 5
SHOWN = 12


def measure(workshop: Workshop) -> list[Figure]:
    """Start and stop again and again; medians."""
    slack = LocalSlack(workshop.folder)
    seconds: dict[str, list[float]] = {"fresh": [], "existing": [], "bare": []}
    processor: dict[str, list[float]] = {kind: [] for kind in seconds}
    with closing_all(slack):
        _started(workshop.folder, slack, OURS, "existing")  # also warms the disk's cache and the bytecode
        for repeat in range(REPEATS):
            for kind, found in seconds.items():
                workshop.say(f"start to connected, {kind}, {repeat + 1} of {REPEATS}")
                base = f"{kind}-{repeat}" if kind == "fresh" else kind
                wall, used = _started(workshop.folder, slack, BARE if kind == "bare" else OURS, base)
                found.append(wall)
                processor[kind].append(used)
    (workshop.folder / "imports.txt").write_text(slowest_imports(), encoding="utf-8")
    bare = middle(seconds["bare"])
    spread = {kind: " ".join(f"{one:.2f}" for one in many) for kind, many in seconds.items()}
    kinds, bare_used = ("fresh", "existing"), middle(processor["bare"])
    return [
        *(
            at_most(
                f"start to connected, {kind} database", 2, middle(seconds[kind]), "s", bare, f"each: {spread[kind]}"
            )
            for kind in kinds
        ),
        *(told(f"the same, processor time, {kind}", middle(processor[kind]), "s", bare_used) for kind in kinds),
    ]


def _started(folder: Path, slack: LocalSlack, program: tuple[str, ...], name: str) -> tuple[float, float]:
    """Start and stop an app. Return how long it took to connect on the wall clock and in processor time, in seconds."""
    app = App(program, slack, folder / name, DATABASE_URL=f"sqlite:///{folder / name / 'csp.db'}")
    used = app.processor_seconds()
    app.stop()
    return app.seconds, used


def slowest_imports() -> str:
    """The modules whose import takes longest with all they import, in milliseconds: Python's own account."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import bot.cli.command_line, bot.commands.run"],
        cwd=ROOT, env=clean_environment({}), capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [line.removeprefix("import time:").split("|") for line in done.stderr.splitlines() if "|" in line]
    rows = [(int(total), name) for _, total, name in lines if total.strip().isdigit()]
    slowest = sorted(rows, reverse=True)[:SHOWN]
    return "".join(f"{total / 1000:8.0f} ms  {name.strip()}\n" for total, name in slowest)
