"""The tables of escalations, people, customers, the files of rota and policy, and the outbox. No queries live here.

Each field is declared once: a value of the rules is the base class, and its row adds keys and columns of the store.
Enumerations are stored as text: an unknown label must not make a whole query fail.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from models.rules.customers.customer import Customer
from models.rules.escalations.clocks import TimelineEntry
from models.rules.escalations.escalation import ENDED, Escalation, HistoryFacts, Move, Status
from models.rules.outbox.delivery import UNFINISHED, UNSETTLED
from models.rules.outbox.message_kinds import MessageKind
from models.rules.people import Person

_LABELS = ", ".join(f"'{status}'" for status in Status)
_NOT_ENDED = text("status NOT IN (" + ", ".join(f"'{status}'" for status in sorted(ENDED)) + ")")
_HAS_TENANT = text("tenant_id <> ''")
_IS_RETURNED = text("returned_on IS NOT NULL")
_IS_DUPLICATE = text("duplicate_of IS NOT NULL")
_IS_CHILD = text("parent IS NOT NULL")
_HAS_SOLUTION = text("solved_from IS NOT NULL")
_HAS_ARTICLE = text("solved_by_article IS NOT NULL")
_HAS_CUSTOMER = text("customer_id IS NOT NULL")
_TO_SWEEP = text("sweep_at IS NOT NULL")
_IS_DIRECT = text('"user" IS NOT NULL')
_UNFINISHED = text("state IN (" + ", ".join(f"'{state}'" for state in UNFINISHED) + ")")
_WAITING_PAGE = text(f"{_UNFINISHED} AND what = '{MessageKind.PAGE}'")
_UNSETTLED = text("state IN (" + ", ".join(f"'{state}'" for state in UNSETTLED) + ")")
FILTERED = (
    "team_id", "number", "status", "turn", "severity", "severity_given", "service", "owner", "raised_at",
    "customer_name", "request_number",
)  # fmt: skip
"""What searches filter by: an index that holds it all is read instead of the table."""


class EscalationRow(Escalation, table=True):
    """The present state of one escalation."""

    __tablename__ = "escalation"
    __table_args__ = (
        CheckConstraint(f"status IN ({_LABELS})", name="escalation_status"),
        Index("escalation_open", "severity", "number", sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED),
        Index("escalation_by_parent", "parent", sqlite_where=_IS_CHILD, postgresql_where=_IS_CHILD),
        Index("escalation_by_original", "duplicate_of", sqlite_where=_IS_DUPLICATE, postgresql_where=_IS_DUPLICATE),
        Index("escalation_by_finding", "returned_on", sqlite_where=_IS_RETURNED, postgresql_where=_IS_RETURNED),
        Index("escalation_by_article", "solved_by_article", sqlite_where=_HAS_ARTICLE, postgresql_where=_HAS_ARTICLE),
        Index("escalation_by_solution", "solved_from", sqlite_where=_HAS_SOLUTION, postgresql_where=_HAS_SOLUTION),
        Index(
            "escalation_by_customer", "customer_id", "number",
            sqlite_where=_HAS_CUSTOMER, postgresql_where=_HAS_CUSTOMER,
        ),
        Index("escalation_by_owner", "owner", sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED),
        Index("escalation_by_status", "team_id", "status", "number"),
        Index("escalation_by_any_owner", "team_id", "owner", "number"),
        Index("escalation_by_day", "team_id", "raised_at", "number"),
        Index(
            "escalation_by_turn", "turn", "severity", "severity_given",
            sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED,
        ),
        Index("escalation_filters", *FILTERED),
        Index("escalation_by_raiser", "raised_by", sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED),
    )  # fmt: skip
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class HistoryRow(HistoryFacts, table=True):
    """One move. Append-only: triggers refuse every change, replacement and removal (see the migrations).

    ``text_hash`` and ``replaced_hash`` name its words, and those that they replaced, in ``typed_text``. ``text`` and
    ``changes`` hold only what is no person's own text.
    """

    __tablename__ = "history"
    __table_args__ = (UniqueConstraint("number", "seq", name="history_once"),)
    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(foreign_key="escalation.number")
    text_hash: str | None = None
    replaced_hash: str | None = None


class InboxRow(SQLModel, table=True):
    """A delivery of Slack that was handled. When Slack repeats it, the result stored here is the answer."""

    __tablename__ = "inbox"
    key: str = Field(primary_key=True)
    number: int
    seq: int
    at: datetime


class OutboxRow(SQLModel, table=True):
    """One message that must appear once. It holds ids, never blocks: it is rendered when it is sent.

    ``redraws`` is the id of the message that this row redraws. ``listed_in`` is the id of another call whose message
    lists this call too. ``reminder`` is the key of the reminder that is carried out. The four columns after it are its
    facts (``models.rules.outbox.reminder_details.ReminderDetails``). The columns ``discarded_…`` say who decided that
    it is never sent, and why; for a message about a case its history says why. ``in_doubt_since`` is when it was last
    sent with an unknown outcome, also once it was found.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_due", "due_at", "position", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
        Index("outbox_lane", "lane", "position", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
        Index(
            "outbox_pages", "scope", "priority", "position",
            sqlite_where=_WAITING_PAGE, postgresql_where=_WAITING_PAGE,
        ),
        Index("outbox_sweep", "sweep_at", sqlite_where=_TO_SWEEP, postgresql_where=_TO_SWEEP),
        Index("outbox_unsettled", "state", "created_at", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
        Index("outbox_subject", "number", "what"),
        Index("outbox_about", "subject", "what"),
        Index("outbox_direct", "slack_ts", sqlite_where=_IS_DIRECT, postgresql_where=_IS_DIRECT),
    )  # fmt: skip
    position: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    dedupe_key: str = Field(unique=True)
    what: MessageKind = Field(sa_type=String(20))
    number: int | None = None
    seq: int | None = None
    subject: str | None = None
    user: str | None = None
    channel: str | None = None
    note: str = ""
    redraws: str | None = None
    listed_in: str | None = None
    reminder: str | None = None
    step: str | None = None
    counted_from: datetime | None = None
    reminder_due_at: datetime | None = None
    audience: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    lane: str
    scope: str
    priority: int = 0
    state: str = "pending"
    created_at: datetime
    due_at: datetime
    owner: str = ""
    generation: int = 0
    lease_until: datetime | None = None
    claims: int = 0
    tries: int = 0
    looks: int = 0
    plain: bool = False
    doubtful: bool = False
    first_tried_at: datetime | None = None
    sweep_at: datetime | None = None
    sweeps: int = 0
    slack_channel: str | None = None
    slack_ts: str | None = None
    slack_thread: str | None = None
    last_error: str = ""
    settled_at: datetime | None = None
    look_from: str | None = None
    discarded_at: datetime | None = None
    discarded_by: str | None = None
    discarded_why: str | None = None
    in_doubt_since: datetime | None = None


class PaceRow(SQLModel, table=True):
    """When a scope (a channel, a method, the workspace) may be used again. All replicas share it.

    ``set_at`` is when this was written.
    """

    __tablename__ = "pace"
    scope: str = Field(primary_key=True)
    free_at: datetime
    set_at: datetime | None = None


class PersonRow(Person, table=True):
    """A person's profile as Slack last gave it, and when."""

    __tablename__ = "person"
    id: str = Field(primary_key=True)
    seen_at: datetime


class CustomerRow(Customer, table=True):
    """One customer of the reseller.

    ``folded`` is the text that the typeahead searches, with the pinyin of the name. ``revision`` is the number of the
    last import that changed the row, so that a typeahead in memory knows whether the list has changed.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index("customer_by_tenant", "tenant_id", unique=True, sqlite_where=_HAS_TENANT, postgresql_where=_HAS_TENANT),
        Index("customer_by_revision", "revision"),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    folded: str
    revision: int


class DraftRow(SQLModel, table=True):
    """What one person typed into one form and did not send. ``text`` is the answers as JSON."""

    __tablename__ = "draft"
    __table_args__ = (Index("draft_by_age", "saved_at"),)
    team_id: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    text: str
    saved_at: datetime


class RotaPlanRow(SQLModel, table=True):
    """One version of the rota file, as it was imported. Append-only, like history."""

    __tablename__ = "rota_plan"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    text: str
    quiet: str | None = None


class PolicyVersionRow(SQLModel, table=True):
    """One version of the policy file, as it was imported. Append-only, like history."""

    __tablename__ = "policy_version"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    text: str


class RecordRow(SQLModel, table=True):
    """The epoch of this database: one row.

    ``takes_unmarked`` says whether a message without a mark counts as sent by this database. Numbers up to
    ``last_number`` (escalations) and ``last_gap`` (gaps) were given by a lost database and are not given again.
    ``has_webhook`` says whether moves go to a webhook.
    """

    __tablename__ = "record"
    id: int = Field(primary_key=True)
    epoch: str
    takes_unmarked: bool
    last_number: int
    last_gap: int
    has_webhook: bool | None = None


# SQLModel sets these attributes without declaring them, so they are read from the class dictionary.
ESCALATION: Table = vars(EscalationRow)["__table__"]
HISTORY: Table = vars(HistoryRow)["__table__"]
INBOX: Table = vars(InboxRow)["__table__"]
OUTBOX: Table = vars(OutboxRow)["__table__"]
PACE: Table = vars(PaceRow)["__table__"]
PERSON: Table = vars(PersonRow)["__table__"]
CUSTOMER: Table = vars(CustomerRow)["__table__"]
DRAFT: Table = vars(DraftRow)["__table__"]
ROTA_PLAN: Table = vars(RotaPlanRow)["__table__"]
POLICY_VERSION: Table = vars(PolicyVersionRow)["__table__"]
RECORD: Table = vars(RecordRow)["__table__"]
TYPED_TEXT = Table(
    "typed_text",
    SQLModel.metadata,
    Column("hash", String, primary_key=True),
    Column("salt", String),
    Column("body", String),
    Column("erased_at", UTCDateTime()),
    Column("erased_by", String),
    Column("erased_why", String),
)
"""The words of an entry of history, or those that they replaced (``models.rules.escalations.typed_text``).

Triggers refuse every change but erasing: then ``salt`` and ``body`` are empty for good."""
ERASURE = Table(
    "erasure",
    SQLModel.metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UTCDateTime(), nullable=False),
    *(Column(name, String, nullable=False) for name in ("by", "why", "user")),
    Column("cases", JSON, nullable=False),
    Column("contacts", JSON, nullable=False),
)
"""What was erased, without names, so that it can be erased again in a restored backup. Append-only.

``user`` is a Slack id or empty, ``cases`` are numbers, ``contacts`` are marks of contacts
(``models.rules.escalations.erasure``)."""
INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""The insert that supports ``ON CONFLICT``, by database."""


def is_unfinished(state: Column[Any]) -> ColumnElement[bool]:
    """Select deliveries that a worker must still handle.

    The states are literals, not parameters, so that both databases use the partial index.
    """
    return is_one_of(state, UNFINISHED)


def is_unsettled(state: Column[Any]) -> ColumnElement[bool]:
    """Select deliveries that a worker must still handle or that were set aside; literals for the same reason."""
    return is_one_of(state, UNSETTLED)


def is_one_of(column: ColumnElement[Any], labels: Iterable[str]) -> ColumnElement[bool]:
    """Compare a column with labels of ours, which are the same in every run of the statement.

    As literals they are a part of the statement. A list of parameters would be written into it again at each run.
    """
    return column.in_([literal_column(f"'{label}'") for label in labels])


def is_not_ended(status: Column[Any]) -> ColumnElement[bool]:
    """Select escalations that somebody must still handle. The states are literals for the same reason."""
    return status.not_in([literal_column(f"'{label}'") for label in sorted(ENDED)])


def escalation_from(row: RowMapping) -> Escalation:
    """Return the escalation of a row."""
    return Escalation.model_validate(dict(row))


def timeline_entry_from(row: RowMapping) -> TimelineEntry:
    """Return what the clocks need of a row of the history. Raises ValueError."""
    return TimelineEntry(row["at"], Move(row["move"]), Status(row["status_to"]), row["changes"])
