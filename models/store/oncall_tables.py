"""The tables of on-call: overrides, swaps, confirmations, coverage, gaps, reminders. No queries live here.

All but pulse, agenda and gap are append-only: triggers refuse every change, replacement and removal (migration 0003).
These are plain tables: no code needs their rows as objects, and classes would slow each start by a tenth of a second.
"""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

_OPEN = text("ended_at IS NULL")
_FINAL = text("kind <> 'decline'")
_FIRST = text("NOT corrects")
_MERGED = text("merged_into <> ''")


def _table(name: str, *parts: Column[Any] | Index | UniqueConstraint) -> Table:
    return Table(name, SQLModel.metadata, *parts)


def _number() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _text(name: str, default: str | None = "", **more: Any) -> Column[str]:
    """Return a text column. Without a ``default`` a value is required."""
    options: dict[str, Any] = {} if default is None else {"default": default}
    return Column(name, String, nullable=False, **options, **more)


def _way() -> Column[str]:
    """Return the column that says how a row came; empty for what was done in Slack."""
    return Column("came_by", String, nullable=True)


def _whole(name: str, **more: Any) -> Column[int]:
    return Column(name, Integer, **{"nullable": False, **more})


def _moment(name: str, **more: Any) -> Column[Any]:
    return Column(name, UTCDateTime(), **{"nullable": False, **more})


def _names(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


ROTA_CHANGE = _table(
    "rota_change",
    _number(), _text("key", None, unique=True), _text("batch", None), _moment("at"), _text("by", None),
    _text("kind", None), _moment("start"), _moment("end"), _text("member"), _text("seat"), _text("instead_of"),
    _whole("of", nullable=True), _text("why"), _way(),
)  # fmt: skip
"""One override (``models.rules.rota.overrides.Override``). ``key`` is that of the click or form, and the part of it.

``batch`` is the same for all overrides of one click or form."""

ROTA_OFFER = _table(
    "rota_offer",
    _number(), _text("key", None, unique=True), _moment("at"), _text("by", None), _text("member", None),
    _text("seat", None), _moment("start"), _moment("end"), _names("asked"), _text("back_member"), _text("back_seat"),
    _moment("back_start", nullable=True), _moment("back_end", nullable=True), _text("why"),
)  # fmt: skip
"""A shift that somebody offers to others. ``asked`` are Slack ids; an empty list asks everybody.

With ``back_member`` it is a swap: that person's shift goes to the person who asks."""

ROTA_ANSWER = _table(
    "rota_answer",
    _number(), Column("offer", ForeignKey("rota_offer.id"), nullable=False), _moment("at"), _text("by", None),
    Column("kind", String(10), nullable=False),
    Index("rota_answer_first", "offer", unique=True, sqlite_where=_FINAL, postgresql_where=_FINAL),
)  # fmt: skip
"""The answer to an offer: ``take``, ``decline`` or ``withdraw``. There can be only one take or withdrawal."""

WATCH = _table(
    "watch",
    _number(), _text("key", None, unique=True), _moment("at"), _text("by", None), _text("kind", None),
    _text("seat", None), _whole("place"), _moment("shift_start"), _text("person", None), _text("text"),
    _way(),
    Index("watch_by_shift", "shift_start", "seat", "place"),
)  # fmt: skip
"""One press of a shift's button (``models.rules.rota.on_call.Press``)."""

LEDGER = _table(
    "ledger",
    _number(), _moment("at"), _text("by", None), _text("seat", None), _whole("place"), _moment("start"),
    _moment("end"), _text("verdict", None), _text("person"), _text("evidence", None),
    Column("corrects", Boolean, nullable=False, default=False), _text("why"),
    Index("ledger_once", "seat", "place", "start", unique=True, sqlite_where=_FIRST, postgresql_where=_FIRST),
    Index("ledger_by_end", "end"),
)  # fmt: skip
"""Who was responsible in a slot from ``start`` to ``end``, and the evidence. A correction overrides earlier rows."""

DOWNTIME = _table("downtime", _number(), _moment("start", unique=True), _moment("end"))
"""Time in which no bot ticked."""

PULSE = _table("pulse", Column("id", Integer, primary_key=True, autoincrement=False), _moment("at"))
"""When any bot last ticked: one row."""

REMINDER = _table(
    "reminder",
    _text("key", None, primary_key=True), _text("subject", None), _text("step", None), _moment("due_at"),
    _moment("made_at"), _text("merged_into"),
    Index("reminder_by_subject", "subject", "due_at"),
    Index("reminder_merged", "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
)  # fmt: skip
"""A reminder that was made, written with its message in one transaction.

``merged_into`` is the key of the later reminder that replaced it when several were late."""

AGENDA = _table("agenda", _text("subject", None, primary_key=True), _moment("due_at", index=True))
"""When a subject must be looked at next. Derived, so it may be deleted and built again."""

GAP = _table(
    "gap",
    Column("number", Integer, primary_key=True, autoincrement=False), _text("seat", None), _text("reason", None),
    _moment("start"), _moment("end"), _names("who"), _names("what"), _moment("found_at"),
    _moment("ended_at", nullable=True), _text("ended_how"), _text("ended_by"), _whole("version", default=1),
    Index("gap_open", "start", sqlite_where=_OPEN, postgresql_where=_OPEN),
    UniqueConstraint("seat", "reason", "start", "found_at", name="gap_once"),
)  # fmt: skip
"""The present state of one gap. It keeps its number and its card while its edges move."""

PREFERENCE = _table("preference", _number(), _moment("at"), _text("user", None, index=True), _names("reminders"))
"""How long before a shift somebody wants to be reminded, in minutes. A person's newest row counts."""

VOLUNTEER = _table(
    "volunteer",
    _number(), _text("key", None, unique=True), _moment("at"), _text("by", None), _text("week", None, index=True),
    Column("can", Boolean, nullable=False),
)  # fmt: skip
"""Whether somebody can work in a holiday week. A person's newest row counts."""

FEED = _table(
    "feed",
    _number(), _moment("at"), _text("by", None), _text("secret_hash", None, unique=True), _text("member"),
    _whole("revokes", nullable=True),
)  # fmt: skip
"""A secret address of a calendar feed. Only its hash is stored.

``member`` is empty for the whole team. A row with ``revokes`` ends an earlier row."""

DEPARTURE = _table(
    "departure",
    _number(), _moment("at"), _text("user", None), Column("gone", Boolean, nullable=False), _text("why"),
)  # fmt: skip
"""Somebody left the workspace (``gone``) or came back. A person's newest row counts.

``why`` says how it became known."""

APPEND_ONLY = (
    ROTA_CHANGE, ROTA_OFFER, ROTA_ANSWER, WATCH, LEDGER, DOWNTIME, REMINDER, PREFERENCE, VOLUNTEER, FEED, DEPARTURE,
)  # fmt: skip
