"""The way of a tick stays short: few calls from file to file, few files."""

import functools
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from models.rules.outbox.message_kinds import MessageKind
from tests.models.reminders.conftest import BOBS, DAY, MINUTE, Duty
from tests.models.samples import NOW

MODELS = str(Path(__file__).parents[3] / "models")
NIGHT = BOBS + 4 * DAY
MOST_CALLS = 40
MOST_FILES = 15


def test_one_gap_reminder_takes_few_calls_from_file_to_file(duty: Duty) -> None:
    duty.rota()
    duty.confirmed(BOBS, 6)
    duty.backup_confirmed()
    duty.leave("bob", NIGHT, NIGHT + DAY)
    duty.ticks(NOW, NIGHT - 31 * MINUTE)

    calls = calls_between_files(lambda: duty.tick(NIGHT - 30 * MINUTE))

    assert [sent.key.partition("@")[0] for sent in duty.said("gap:1", [MessageKind.REMINDER])][-3:] == [
        "gap:1/30min"
    ] * 3
    assert calls.total() <= MOST_CALLS, calls.most_common(12)
    assert len({name for pair in calls for name in pair}) <= MOST_FILES, calls


def calls_between_files(act: Callable[[], object]) -> Counter[tuple[str, str]]:
    """Count the calls within ``models`` that go from one file to another."""
    calls: Counter[tuple[str, str]] = Counter()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        caller = frame.f_back
        while caller and not caller.f_code.co_filename.startswith(MODELS):
            is_between = caller.f_code.co_filename.startswith("<") or caller.f_code.co_filename == functools.__file__
            caller = caller.f_back if is_between else None
        if event == "call" and caller:
            pair = caller.f_code.co_filename, frame.f_code.co_filename
            if pair[0] != pair[1] and pair[1].startswith(MODELS):
                calls[pair[0].removeprefix(MODELS), pair[1].removeprefix(MODELS)] += 1

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls
