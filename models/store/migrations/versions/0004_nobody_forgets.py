"""What reminders of an escalation need to know: since when it waits and is silent, snoozes, why it was withdrawn."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0004"
down_revision = "0003"

INSTANTS = ("waiting_since", "active_at", "snoozed_until", "withdrawn_at")
TEXTS = ("snoozed_by", "snooze_reason", "withdrawn_by", "status_reason")


def upgrade() -> None:
    # Columns that may be empty are added in place on SQLite too: no table is built anew, no trigger is lost.
    for name in INSTANTS:
        op.add_column("escalation", sa.Column(name, UTCDateTime(), nullable=True))
    for name in TEXTS:
        op.add_column("escalation", sa.Column(name, sa.String(), nullable=True))
    for statement in FROM_HISTORY:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")


def _last(column: str, *moves: str) -> str:
    """The newest history entry of some moves, asked for one column."""
    named = ", ".join(f"'{move}'" for move in moves)
    return f"""(SELECT history."{column}" FROM history
        WHERE history.number = escalation.number AND history.move IN ({named})
        ORDER BY history.seq DESC LIMIT 1)"""  # noqa: S608  # constants of this file


# Until now every entry was something done or said, and the history has it all.
FROM_HISTORY = (
    f"UPDATE escalation SET waiting_since = {_last('at', 'hand_over', 'reopen')}",  # noqa: S608
    "UPDATE escalation SET active_at = changed_at WHERE version > 1",
    f"""UPDATE escalation SET withdrawn_by = {_last("by", "withdraw")}, withdrawn_at = {_last("at", "withdraw")},
        status_reason = {_last("text", "withdraw", "reopen")}""",  # noqa: S608
)
