"""Find the messages that ask people for something, by what they are about."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, select

from models.outbox.messages import ASKING
from models.rules.outbox.delivery import UNFINISHED, DeliveryState
from models.rules.outbox.message_kinds import MessageKind
from models.store.tables import OUTBOX, is_one_of

_O = OUTBOX.c
_ASKED = select(
    _O.position, _O.dedupe_key, _O.what, _O.number, _O.seq, _O.subject, _O.user, _O.state,
    _O.reminder, _O.step, _O.counted_from, _O.reminder_due_at, _O.audience,
).where(
    is_one_of(_O.what, [*ASKING, MessageKind.CALL]), is_one_of(_O.state, [*UNFINISHED, DeliveryState.SENT]),
    _O.user.is_not(None),
)  # fmt: skip
_ASKED_ABOUT = _ASKED.where(_O.subject.in_(bindparam("subjects", expanding=True)))
_ASKED_ABOUT_CASES = _ASKED.where(_O.number.in_(bindparam("numbers", expanding=True)))


def find_asking(connection: Connection, subjects: Collection[str], numbers: Collection[int]) -> list[Any]:
    """Return what asks people for something about subjects and escalations: messages in Slack, and those that wait."""
    rows = connection.execute(_ASKED_ABOUT, {"subjects": list(subjects)}).all() if subjects else ()
    of_cases = connection.execute(_ASKED_ABOUT_CASES, {"numbers": list(numbers)}).all() if numbers else ()
    return [*(row for row in rows if row.number is None), *of_cases]
