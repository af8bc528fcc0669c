"""The table of remediation records. No queries live here."""

from sqlalchemy import JSON, Column, Integer, String, Table, UniqueConstraint
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

REMEDIATION = Table(
    "remediation",
    SQLModel.metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("number", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("team_id", String, nullable=False),
    Column("move", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", UTCDateTime(), nullable=False),
    Column("changes", JSON, nullable=False),
    Column("action", Integer, nullable=False),
    UniqueConstraint("number", "seq", name="remediation_once"),
)
"""One entry of a remediation record (``models.rules.remediation.record.RemediationEntry``). Append-only.

``key`` is that of the click or form."""
