"""`python -m tests.bench [--only NAME ...]`: measures, shows a table, exits 1 when a target is missed."""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status
from rich.table import Table

from tests.bench import (
    calls,
    click_to_card,
    command_starts,
    commands,
    connections,
    customers,
    deadlines,
    desk,
    lookups,
    memory,
    metrics,
    page_times,
    pages,
    presses,
    refresh,
    reports,
    retention,
    rota,
    start,
    submissions,
    ticks,
    transitions,
    year,
)
from tests.bench.measurement import Figure, Workshop

RESULTS = Path("bench-results")
BENCHES: dict[str, Callable[[Workshop], list[Figure]]] = {
    "start": start.measure,
    "command_starts": command_starts.measure,
    "commands": commands.measure,
    "submissions": submissions.measure,
    "presses": presses.measure,
    "refresh": refresh.measure,
    "visible": click_to_card.measure,
    "calls": calls.measure,
    "connections": connections.measure,
    "transitions": transitions.measure,
    "lookups": lookups.measure,
    "customers": customers.measure,
    "reports": reports.measure,
    "desk": desk.measure,
    "deadlines": deadlines.measure,
    "memory": memory.measure,
    "metrics": metrics.measure,
    "pages": pages.measure,
    "page_times": page_times.measure,
    "rota": rota.measure,
    "retention": retention.measure,
    "ticks": ticks.measure,
    "year": year.measure,
}
ADDITIONS = 5_000_000
MARKS = {True: "[green]✓[/]", False: "[bold red]✗ missed[/]", None: "·"}


class Room:
    """A folder for one measurement, and its line on the screen."""

    def __init__(self, name: str, folder: Path, console: Console, status: Status) -> None:
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self._name, self._console, self._status = name, console, status

    def say(self, text: str) -> None:
        """Show what is being measured now; one line each where nobody watches."""
        if self._console.is_terminal:
            self._status.update(f"[bold]{self._name}[/]: {text}")
        else:
            self._console.print(f"{self._name}: {text}", markup=False)


def main() -> int:
    """Measure what was asked for; the exit code."""
    args = _arguments()
    console, began = Console(stderr=True, highlight=False), time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="csp-bench-"))
    figures: dict[str, list[Figure]] = {}
    with console.status("") as status:
        for name in args.only or BENCHES:
            figures[name] = BENCHES[name](Room(name, folder, console, status))
            Console().print(_table({name: figures[name]}))
    kept = _keep(figures, folder)
    shutil.rmtree(folder, ignore_errors=True)
    missed = [figure for many in figures.values() for figure in many if figure.met is False]
    said = "[green]every target is met[/]" if not missed else f"[bold red]{len(missed)} target(s) missed[/]"
    console.print(f"{said} · {pace():.2f} s for {ADDITIONS:,} additions · {time.monotonic() - began:.0f} s · {kept}")
    return 1 if missed else 0


def pace() -> float:
    """Seconds for a plain loop: what a machine that others use as well is worth at this moment."""
    began, total = time.perf_counter(), 0
    for number in range(ADDITIONS):
        total += number
    return time.perf_counter() - began


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=BENCHES, metavar="NAME", help=", ".join(BENCHES))
    return parser.parse_args()


def _table(figures: dict[str, list[Figure]]) -> Table:
    table = Table("", "figure", "target", *("ours", "bare", "ratio", ""), highlight=False)
    for column in (3, 4, 5):
        table.columns[column].justify = "right"
    for name, many in figures.items():
        for figure in many:
            ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
            bare = "" if figure.bare is None else _number(figure.bare, figure.unit)
            ours = _number(figure.ours, figure.unit)
            what = figure.what + (f"\n[dim]{figure.note}[/]" if figure.note else "")
            table.add_row(name, what, figure.target, ours, bare, ratio, MARKS[figure.met])
            name = ""  # noqa: PLW2901 - each name is written once
    return table


def _number(value: float, unit: str) -> str:
    digits = 0 if value == int(value) or value >= 100 else 1 if value >= 10 else 3 if unit == "s" else 2
    return f"{value:,.{digits}f} {unit}"


def _keep(figures: dict[str, list[Figure]], folder: Path) -> Path:
    """Write the figures down as JSON, with what they were measured on."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    told: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"), "python": platform.python_version(), "cores": os.cpu_count(),
        "sqlite": sqlite3.sqlite_version, "load": os.getloadavg(), "pace": pace(),
        "figures": {name: [figure.as_json() for figure in many] for name, many in figures.items()},
    }  # fmt: skip
    for imports in folder.glob("*/imports.txt"):
        told["imports"] = imports.read_text(encoding="utf-8").splitlines()
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
