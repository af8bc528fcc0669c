"""The rows of the rota and of the duty: who changed, offered, stood and was reminded. No queries live here.

All but pulse, agenda and gap are append-only: triggers refuse every change, replacement and removal (migration 0003).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

_OPEN = text("ended_at IS NULL")
_FINAL = text("kind <> 'decline'")
_FIRST = text("NOT corrects")


class RotaChangeRow(SQLModel, table=True):
    """One change of the rota, as ``models.rota.changes.Change``. ``key`` names the click or submission and the part of
    it; ``batch`` is the same for all parts of one act."""

    __tablename__ = "rota_change"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    batch: str
    at: datetime
    by: str
    kind: str
    start: datetime
    end: datetime
    member: str = ""
    seat: str = ""
    instead_of: str = ""
    of: int | None = None
    why: str = ""


class RotaOfferRow(SQLModel, table=True):
    """A shift somebody asks others to take; ``asked`` are Slack ids, none for everybody. With ``back_member`` it is a
    swap: that person's shift goes to the one who asks."""

    __tablename__ = "rota_offer"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    at: datetime
    by: str
    member: str
    seat: str
    start: datetime
    end: datetime
    asked: list[str] = Field(sa_type=JSON)
    back_member: str = ""
    back_seat: str = ""
    back_start: datetime | None = None
    back_end: datetime | None = None
    why: str = ""


class RotaAnswerRow(SQLModel, table=True):
    """What somebody said to an offer: ``take``, ``decline`` or ``withdraw``. Only one take or withdraw can be there."""

    __tablename__ = "rota_answer"
    __table_args__ = (Index("rota_answer_first", "offer", unique=True, sqlite_where=_FINAL, postgresql_where=_FINAL),)
    id: int | None = Field(default=None, primary_key=True)
    offer: int = Field(foreign_key="rota_offer.id")
    at: datetime
    by: str
    kind: str = Field(max_length=10)


class WatchRow(SQLModel, table=True):
    """One press at a shift, as ``models.rota.duty.Press``."""

    __tablename__ = "watch"
    __table_args__ = (Index("watch_by_shift", "shift_start", "seat", "place"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    at: datetime
    by: str
    kind: str
    seat: str
    place: int
    shift_start: datetime
    person: str
    text: str = ""


class LedgerRow(SQLModel, table=True):
    """Who stood in a place from ``start`` to ``end``, and what proves it. A correction lies over what it corrects."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ledger_once", "seat", "place", "start", unique=True, sqlite_where=_FIRST, postgresql_where=_FIRST),
        Index("ledger_by_end", "end"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    seat: str
    place: int
    start: datetime
    end: datetime
    verdict: str
    person: str = ""
    evidence: str
    corrects: bool = False
    why: str = ""


class DowntimeRow(SQLModel, table=True):
    """Time in which no bot ticked."""

    __tablename__ = "downtime"
    id: int | None = Field(default=None, primary_key=True)
    start: datetime = Field(unique=True)
    end: datetime


class PulseRow(SQLModel, table=True):
    """When a bot last ticked, whichever of several: one row."""

    __tablename__ = "pulse"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime


class ReminderRow(SQLModel, table=True):
    """A reminder that was owed, written with its message in one transaction. ``merged_into`` names the later one that
    spoke for it when several came late."""

    __tablename__ = "reminder"
    __table_args__ = (Index("reminder_by_subject", "subject", "due_at"),)
    key: str = Field(primary_key=True)
    subject: str
    step: str
    due_at: datetime
    made_at: datetime
    merged_into: str = ""


class AgendaRow(SQLModel, table=True):
    """When a subject must be looked at next. Derived: it may be thrown away and made again."""

    __tablename__ = "agenda"
    subject: str = Field(primary_key=True)
    due_at: datetime = Field(index=True)


class GapRow(SQLModel, table=True):
    """One gap as it stands now; it keeps its number, and its card, while its edges move."""

    __tablename__ = "gap"
    __table_args__ = (
        Index("gap_open", "start", sqlite_where=_OPEN, postgresql_where=_OPEN),
        UniqueConstraint("seat", "reason", "start", "found_at", name="gap_once"),
    )
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seat: str
    reason: str
    start: datetime
    end: datetime
    who: list[str] = Field(sa_type=JSON)
    what: list[str] = Field(sa_type=JSON)
    found_at: datetime
    ended_at: datetime | None = None
    ended_how: str = ""
    ended_by: str = ""
    version: int = 1


class PreferenceRow(SQLModel, table=True):
    """How long before a shift somebody wants to be reminded, in minutes. The newest of a person counts."""

    __tablename__ = "preference"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    user: str = Field(index=True)
    reminders: list[int] = Field(sa_type=JSON)


class FeedRow(SQLModel, table=True):
    """A secret address under which a calendar can be read; only its hash is kept. ``member`` is empty for the whole
    team; a row with ``revokes`` ends an earlier one."""

    __tablename__ = "feed"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    secret_hash: str = Field(unique=True)
    member: str = ""
    revokes: int | None = None


def _table(row: type[SQLModel]) -> Table:
    """The table behind a row; SQLModel makes this attribute without declaring it."""
    made: Any = vars(row)["__table__"]
    assert isinstance(made, Table)  # noqa: S101 - SQLModel's promise
    return made


ROTA_CHANGE, ROTA_OFFER, ROTA_ANSWER = _table(RotaChangeRow), _table(RotaOfferRow), _table(RotaAnswerRow)
WATCH, LEDGER, DOWNTIME, PULSE = _table(WatchRow), _table(LedgerRow), _table(DowntimeRow), _table(PulseRow)
REMINDER, AGENDA, GAP = _table(ReminderRow), _table(AgendaRow), _table(GapRow)
PREFERENCE, FEED = _table(PreferenceRow), _table(FeedRow)
APPEND_ONLY = (ROTA_CHANGE, ROTA_OFFER, ROTA_ANSWER, WATCH, LEDGER, DOWNTIME, REMINDER, PREFERENCE, FEED)
