"""A record that is older than what people have seen: it gets a new epoch, and nothing is said or numbered twice.

A backup is put in place by :func:`restore`; :func:`begin_anew` is also for one that was put there by hand.
"""

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, String, cast, func, literal, select, update

from models.outbox import failure_notices, messages
from models.restore import missing_cases, replaced_database
from models.restore.missing_cases import CaseCard
from models.restore.replaced_database import ReplacedDatabase
from models.rules.delivery import DeliveryState, MessageKind
from models.rules.errors import NotSaved
from models.rules.reminders import subjects
from models.store import database_file, epoch
from models.store.database import Store
from models.store.database_file import DamagedDatabase
from models.store.oncall_tables import GAP
from models.store.tables import ESCALATION, OUTBOX, escalation_from, is_not_ended, is_unfinished

COMPANIONS = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a file; left behind, it would be applied to the restored one."""


class NotOurDatabase(Exception):
    """A sound SQLite file that holds no record of this program."""


@dataclass(frozen=True)
class MissingAfterRestore:
    """What the replaced database held and the restored one does not: the numbers of cases, how many history entries of
    other cases, versions and changes of the rota.
    """

    cases: tuple[int, ...]
    entries: int
    versions: int
    changes: int

    @property
    def anything(self) -> bool:
        """Whether anything is missing at all."""
        return bool(self.cases or self.entries or self.versions or self.changes)


@dataclass(frozen=True)
class RestoreResult:
    """What came of it: where the replaced database is kept, None if there was none; what is missing, None if that one
    can't be read.
    """

    kept: Path | None
    missing: MissingAfterRestore | None


@dataclass(frozen=True)
class _Held:
    cases: frozenset[int]
    entries: frozenset[tuple[int, int]]
    versions: int
    changes: int
    last_number: int
    last_gap: int


def restore(database: Path, copy: Path, now: datetime) -> RestoreResult:
    """Put a copy in the place of an SQLite database that no bot uses, and keep the one it replaces.

    Raises Damaged, NoRecord and TooNew for the copy, OSError and NotSaved where a file can't be written; then nothing
    was changed.
    """
    database_file.check(copy)
    if not _is_a_record(copy):
        raise NotOurDatabase(copy)
    is_there, known = database.exists(), _held(database)
    part = database.with_name(f"{database.name}.restoring-{os.getpid()}")
    try:
        database_file.copy(copy, part)
        _prepare(part, now, known, replaced_database.read(database) if known else ReplacedDatabase())
        missing = _missing(known, _held(part)) if known else None
        kept = _kept(database, now) if is_there else None
        part.replace(database)
    except sqlite3.Error as error:
        raise NotSaved from error
    finally:
        for path in (part, *_companions(part)):
            path.unlink(missing_ok=True)
    return RestoreResult(kept, missing)


def renew(connection: Connection, now: datetime, last_number: int = 0, last_gap: int = 0) -> str:
    """Give the record a new epoch, which is returned. What it still wanted to say may have been said since: it is
    looked for first. Cards of what is open are drawn anew, so that their buttons work again.
    """
    mark = epoch.renew(connection, last_number, last_gap)
    unfinished = update(OUTBOX).where(is_unfinished(OUTBOX.c.state))
    since = func.coalesce(OUTBOX.c.first_tried_at, OUTBOX.c.created_at)
    connection.execute(
        unfinished.values(
            state=DeliveryState.UNKNOWN,
            looks=0,
            claims=0,
            doubtful=True,
            lease_until=None,
            due_at=now,
            first_tried_at=since,
        )
    )
    if cards := [*_cards(connection, mark, now)]:
        messages.enqueue(connection, cards)
    return mark


def known(connection: Connection, marks: Collection[str]) -> set[str]:
    """Those of some outbox ids that are in the record."""
    return set(connection.scalars(select(OUTBOX.c.id).where(OUTBOX.c.id.in_(list(marks)))))


def renew_if_older(
    connection: Connection, now: datetime, marks: Collection[str], last_number: int, cards: Collection[CaseCard] = ()
) -> bool:
    """Begin anew, and tell the channels, when one of the outbox ids that messages of this record bear is not in it:
    then it is older than what Slack shows. ``last_number`` is the highest of a case that Slack shows, ``cards`` are
    those of this record, under whatever epoch: it is told once which of them are not in it any more.

    How long no bot ran is not known then, so no time is called downtime.
    """
    epoch.reserve_numbers(connection, last_number)
    is_older = bool(set(marks) - known(connection, marks))
    if is_older:
        renew(connection, now, last_number)
        replaced_database.ran_until(connection, now)
    mark, _ = epoch.read(connection)
    if not missing_cases.tell(connection, cards, mark, now) and is_older:
        sentence = messages.message(
            MessageKind.TROUBLE, f"trouble:record:{mark}", now, lane="trouble", note=failure_notices.OLDER
        )
        messages.enqueue(connection, [sentence])
    return is_older


def _cards(connection: Connection, mark: str, now: datetime) -> Iterator[dict[str, Any]]:
    for row in connection.execute(select(ESCALATION).where(is_not_ended(ESCALATION.c.status))).all():
        case = escalation_from(row._mapping)
        about = {"number": case.number, "seq": case.version, "channel": case.channel, "lane": f"{case.name}/card"}
        yield messages.message(MessageKind.REFRESH, f"refresh:{case.number}:{mark}", now, **about)
    gaps = select(GAP.c.number, OUTBOX.c.channel).join(
        OUTBOX, (OUTBOX.c.what == MessageKind.GAP) & (OUTBOX.c.state == DeliveryState.SENT)
    )
    for number, channel in connection.execute(gaps.where(GAP.c.ended_at.is_(None), _is_card_of_gap())).all():
        name = subjects.gap(number)
        about = {"subject": name, "channel": channel, "lane": f"{name}/card"}
        yield messages.message(MessageKind.GAP_REFRESH, f"{name}/card/{mark}", now, **about)


def _is_card_of_gap() -> Any:
    return OUTBOX.c.subject == literal(subjects.GAP) + cast(GAP.c.number, String)


def _prepare(part: Path, now: datetime, known: "_Held | None", seen: ReplacedDatabase) -> None:
    """Bring the copy up to date and begin anew, before it is anybody's database."""

    def unit(connection: Connection) -> None:
        last_number, last_gap = (known.last_number, known.last_gap) if known else (0, 0)
        mark = renew(connection, now, last_number, last_gap)
        replaced_database.take_over(connection, seen, now)
        cases = map(CaseCard, sorted(known.cases)) if known else ()
        missing_cases.tell(connection, [*seen.cards, *cases], mark, now)

    store = Store(f"sqlite:///{part}", patience=10.0)
    try:
        store.upgrade()
        store.write(unit)
    finally:
        store.dispose()
    _stand_alone(part)


def _stand_alone(path: Path) -> None:
    """Have nothing of a database outside its file, which will get another name."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode=DELETE")
        # A journal that was kept goes with the next transaction: one that changes nothing.
        version = int(file.execute("PRAGMA user_version").fetchone()[0])
        file.execute(f"PRAGMA user_version = {version}")


def _kept(database: Path, now: datetime) -> Path:
    """Give the database a second name, which it keeps when another takes its first: at every moment one whole database
    stands in its place.
    """
    kept = database.with_name(f"{database.name}.replaced-{now:%Y%m%d-%H%M%S}")
    with suppress(sqlite3.Error):  # it may be damaged: that may be why it is replaced
        _stand_alone(database)
    os.link(database, kept)
    for beside in _companions(database):
        with suppress(FileNotFoundError):
            beside.rename(f"{kept}{str(beside).removeprefix(str(database))}")
    return kept


def _companions(path: Path) -> list[Path]:
    return [Path(f"{path}{end}") for end in COMPANIONS]


def _held(path: Path) -> _Held | None:
    """What a database holds; None for one that is not there or can't be read. By SQLite alone: it may be older."""
    if not path.exists():
        return None
    try:
        database_file.check(path)
        with closing(sqlite3.connect(path)) as raw:
            entries = frozenset(raw.execute("SELECT number, seq FROM history"))
            cases = frozenset(number for (number,) in raw.execute("SELECT number FROM escalation"))
            versions, changes, gaps = (_count(raw, what) for what in ("rota_plan", "rota_change", "gap"))
            ever = _ever(raw)
            return _Held(cases, entries, versions, changes, max(ever[0], *cases, 0), max(ever[1], gaps))
    except (sqlite3.Error, OSError, DamagedDatabase):
        return None


def _is_a_record(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as raw:
        return bool(raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone())


def _count(raw: sqlite3.Connection, name: str) -> int:
    """How many rows a table has, or the highest number of a gap; an older database may lack it."""
    what = "coalesce(max(number), 0)" if name == "gap" else "count(*)"
    there = raw.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return int(raw.execute(f"SELECT {what} FROM {name}").fetchone()[0]) if there else 0  # noqa: S608 - our own names


def _ever(raw: sqlite3.Connection) -> tuple[int, int]:
    if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'record'").fetchone():
        return 0, 0
    number, gap = raw.execute("SELECT last_number, last_gap FROM record").fetchone()
    return number, gap


def _missing(before: _Held, restored: "_Held | None") -> MissingAfterRestore:
    assert restored is not None  # noqa: S101 - it was checked and brought up to date a moment ago
    cases = before.cases - restored.cases
    entries = [entry for entry in before.entries - restored.entries if entry[0] not in cases]
    return MissingAfterRestore(
        tuple(sorted(cases)),
        len(entries),
        max(0, before.versions - restored.versions),
        max(0, before.changes - restored.changes),
    )
