"""The tables of pages: messages by other ways than Slack, each try of them, and the links they bring. No queries."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False)


PAGE_TRY = Table(
    "page_try",
    SQLModel.metadata,
    Column("id", Integer, primary_key=True),
    _text("delivery"), _text("person"), _text("subject"), _text("address"), _text("sender"), _text("channel"),
    Column("tried_at", UTCDateTime(), nullable=False),
    Column("again", Boolean, nullable=False),
    _text("outcome"), _text("code"),
    Index("page_try_by_sender", "sender", "tried_at"),
    Index("page_try_by_person", "person", "tried_at"),
    Index("page_try_by_delivery", "delivery"),
    Index("page_try_by_subject", "subject", "tried_at"),
)  # fmt: skip
"""One try to send a page. ``outcome`` is unknown from its beginning until the channel answers.

``delivery`` is the id of its outbox row, ``person`` a Slack id, ``address`` and ``sender`` hashes."""

PAGE_LINK = Table(
    "page_link",
    SQLModel.metadata,
    Column("hash", String, primary_key=True),
    _text("delivery"), _text("person"), _text("team_id"), _text("action"), _text("subject"), _text("state"),
    Column("created_at", UTCDateTime(), nullable=False),
    Column("expires_at", UTCDateTime(), nullable=False),
    Column("opened_at", UTCDateTime()),
    Column("wrong", Integer, nullable=False),
    Column("used_at", UTCDateTime()),
    Column("revoked_at", UTCDateTime()),
    Index("page_link_by_delivery", "delivery"),
    Index("page_link_by_person", "person", "created_at"),
)  # fmt: skip
"""The link of one page: for one person, one action and one thing, by the hash of its token.

``state`` is the state of the thing for which it was made; ``wrong`` counts wrong numbers that were typed."""
