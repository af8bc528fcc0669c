"""The due times of 10,000 open escalations over a year of holidays, from their histories alone. Reads no store."""

import gc
import time

from models.rules.escalations.clocks import build_timeline
from models.rules.escalations.deadlines import find_deadline_from_history
from models.rules.policy.reader import load_packaged
from models.rules.rota.holidays import make_workday_test
from tests.bench import open_cases
from tests.bench.measurement import Figure, Workshop, at_most, middle

CASES, ROUNDS = 10_000, 5


def measure(workshop: Workshop) -> list[Figure]:
    """Processor time of all timelines and deadlines; the middle one of a few rounds."""
    workshop.say(f"the due times of {CASES:,} open escalations")
    written = list(open_cases.lives(1, CASES))
    gc.collect()
    gc.freeze()  # the entries are the benchmark's
    seconds = middle([_computed(written) for _ in range(ROUNDS)])
    gc.unfreeze()
    entries = sum(len(one.entries) for one in written)
    note = f"from {entries:,} history entries; the middle of {ROUNDS} rounds"
    return [at_most(f"due times of {CASES:,} open escalations over a year: processor time", 1, seconds, "s", note=note)]


def _computed(written: list[open_cases.CaseLife]) -> float:
    policy, is_workday = load_packaged(), make_workday_test(())
    began = time.process_time()
    found = [find_deadline_from_history(one.case, build_timeline(one.entries), policy, is_workday) for one in written]
    seconds = time.process_time() - began
    assert None not in found, "an open escalation has a deadline"
    return seconds
