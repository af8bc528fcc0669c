"""The tables of what is known of customers beside who they are. No queries live here."""

from sqlalchemy import Column, Index, Integer, String, Table
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False)


CUSTOMER_IMPORT = Table(
    "customer_import",
    SQLModel.metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("at", UTCDateTime(), nullable=False),
)
"""When an import changed the customer list. Append-only; imports of before this table have no row."""

CUSTOMER_RECORD = Table(
    "customer_record",
    SQLModel.metadata,
    Column("customer_id", String, primary_key=True),
    _text("services"), _text("agreement"), _text("delegated"), _text("entitled_to_a"), _text("language"),
    Column("services_revision", Integer, nullable=True),
)  # fmt: skip
"""What lists said of one customer: services joined by commas, answers ``yes`` or ``no``; empty where nothing is known.

``services_revision`` is the import that last brought a service the customer did not have; empty while there was none
after the customer's first import."""

CUSTOMER_CONTACT = Table(
    "customer_contact",
    SQLModel.metadata,
    Column("id", Integer, primary_key=True),
    _text("customer_id"), _text("name"), _text("phone"), _text("email"), _text("wecom"), _text("hours"),
    Index("customer_contact_by_customer", "customer_id"),
)  # fmt: skip
"""Somebody at a customer. The rows of a customer are replaced by a list that names its contacts."""

STATEMENT = Table(
    "statement",
    SQLModel.metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UTCDateTime(), nullable=False),
    _text("by"), _text("text"),
)  # fmt: skip
"""One version of the support statement, to the letter. Append-only."""

STATEMENT_SENT = Table(
    "statement_sent",
    SQLModel.metadata,
    Column("id", Integer, primary_key=True),
    _text("customer_id"),
    Column("statement", Integer, nullable=False),
    Column("at", UTCDateTime(), nullable=False),
    _text("through"), _text("by"), _text("evidence"),
    Column("corrects", Integer, nullable=True),
    Index("statement_sent_by_customer", "customer_id"),
    Index("statement_sent_by_corrected", "corrects", unique=True),
)  # fmt: skip
"""A customer was informed of our support, by which version of the statement. Append-only.

A row that ``corrects`` another says that the other was a mistake, and why (``evidence``)."""
