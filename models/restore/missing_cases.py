"""Cases that people have seen and the record does not hold, because an older database was put in its place: both
channels and the threads of their cards are told, once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models.outbox import messages
from models.outbox.failure_notices import ESCALATIONS, OLDER, ONCALL
from models.rules.delivery import MessageKind
from models.store.tables import ESCALATION, OUTBOX

SUBJECT = "lost"


@dataclass(frozen=True)
class CaseCard:
    """A case by its number, and where its card stands in Slack; both are empty when that is not known."""

    number: int
    channel: str = ""
    ts: str = ""


def tell(connection: Connection, cards: Iterable[CaseCard], mark: str, now: datetime) -> bool:
    """Tell which of these cases are not on record, unless it was told before; whether there was anything to tell. Of
    several cards of a case the first counts. ``mark`` is the epoch of the record.
    """
    if not (first := _first(cards)):
        return False
    known_numbers = {*connection.scalars(select(ESCALATION.c.number)), *_told(connection)}
    lost = [card for number, card in sorted(first.items()) if number not in known_numbers]
    messages.enqueue(connection, [*_messages(lost, mark, now)])
    return bool(lost)


def _first(cards: Iterable[CaseCard]) -> dict[int, CaseCard]:
    first: dict[int, CaseCard] = {}
    for card in cards:
        first.setdefault(card.number, card)
    return first


def _told(connection: Connection) -> Iterator[int]:
    """The numbers that were told before."""
    notes = select(OUTBOX.c.note).where(OUTBOX.c.subject == SUBJECT, OUTBOX.c.what == MessageKind.TROUBLE)
    for note in connection.scalars(notes):
        _where, *numbers = note.removeprefix(OLDER).split()
        yield from map(int, numbers)


def _messages(lost: list[CaseCard], mark: str, now: datetime) -> Iterator[dict[str, Any]]:
    if not lost:
        return
    numbers = " ".join(str(card.number) for card in lost)
    for where in (ONCALL, ESCALATIONS):
        about = {"subject": SUBJECT, "lane": f"{SUBJECT}:{where}", "note": f"{OLDER} {where} {numbers}"}
        yield messages.message(MessageKind.TROUBLE, f"{SUBJECT}:{where}:{mark}:{lost[-1].number}", now, **about)
    for card in lost:
        if card.ts:
            about = {"subject": SUBJECT, "lane": f"{SUBJECT}:{card.number}", "channel": card.channel}
            note = f"{OLDER} {card.ts} {card.number}"
            yield messages.message(MessageKind.TROUBLE, f"{SUBJECT}:{card.channel}:{card.ts}", now, **about, note=note)
