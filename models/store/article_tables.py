"""The table of knowledge articles. No queries live here."""

from sqlalchemy import Column, Index, Integer, String, Table
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False)


ARTICLE_VERSION = Table(
    "article_version",
    SQLModel.metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("key", String, nullable=False, unique=True),
    Column("at", UTCDateTime(), nullable=False),
    Column("case", Integer, nullable=True),
    _text("team_id"), _text("change"), _text("by"), _text("title"), _text("service"), _text("codes"), _text("steps"),
    _text("link"),
    Index("article_version_by_number", "number"),
)  # fmt: skip
"""One change of a knowledge article with all that it says since then. Append-only, but its words can be erased.

``key`` names the submission that made it, so that a repeated one makes no second. ``case`` is the case from which the
article was kept."""
