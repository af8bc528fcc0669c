"""The processor time of whole commands, from the start of the process to its end: what waits for nobody else."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from models.escalations.commands import EscalationCommands
from models.oncall.rota_versions import TERMINAL, import_rota
from models.rules.rota.toml import reader
from models.store.database import Store
from tests.bench.load_harness import ROOT, clean_environment
from tests.bench.measurement import Figure, Workshop, at_most, middle
from tests.models.samples import CHANNEL, NOW, WANG, customer_request

REPEATS = 5
ESCALATIONS = 5
COMMANDS = {
    ("--help",): 0.4,
    ("rota", "--help"): 0.4,
    ("rota", "example"): 0.4,
    ("escalations", "list"): 1.0,
    ("rota", "check"): 1.0,
}
"""The commands, each with the seconds it may take."""


def measure(workshop: Workshop) -> list[Figure]:
    """Run each command again and again, in turn; medians. The first round warms the disk's cache and the bytecode."""
    environment = clean_environment({"DATABASE_URL": f"sqlite:///{_database(workshop.folder)}"})
    seconds: dict[tuple[str, ...], list[float]] = {command: [] for command in COMMANDS}
    for repeat in range(REPEATS + 1):
        for command, times in seconds.items():
            workshop.say(f"csp-escalate {' '.join(command)}, {repeat} of {REPEATS}")
            used = _run(command, workshop.folder, environment)
            if repeat:
                times.append(used)
    return [
        at_most(f"processor time of `{' '.join(command)}`", limit, middle(seconds[command]), "s")
        for command, limit in COMMANDS.items()
    ]


def _database(folder: Path) -> Path:
    """Return a new database with a rota and a few escalations."""
    file = folder / "commands.db"
    store = Store(f"sqlite:///{file}")
    store.upgrade()
    import_rota(store, reader.example(), TERMINAL, NOW)
    commands = EscalationCommands(store)
    for number in range(ESCALATIONS):
        commands.raise_escalation(customer_request(), CHANNEL, WANG, NOW, f"view-{number}")
    store.dispose()
    return file


def _run(command: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> float:
    """Return the seconds of processor time that one run took. `rota check` exits with 1 where it finds a gap."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command], cwd=ROOT, env=environment, capture_output=True, check=False, text=True
    )
    after = os.times()
    if done.returncode not in {0, 1} or "Traceback" in done.stderr:
        raise RuntimeError(f"{command}: {done.stderr} in {folder}")
    return after.children_user + after.children_system - before.children_user - before.children_system
