"""Report escalations that people have seen and the database lacks, because an older one was put in its place.

Both channels and the threads of the cards are told, once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.escalations import escalation_rows
from models.outbox import message_queries, messages
from models.rules.outbox.failure_notice import ESCALATIONS, ONCALL, FailureKind, FailureNotice, read_notice
from models.rules.outbox.message_kinds import MessageKind

SUBJECT = "lost"
"""The subject of these messages in the outbox."""


@dataclass(frozen=True)
class CaseCard:
    """The number of an escalation, and where its card is in Slack."""

    number: int
    channel: str = ""  # empty when it is not known
    ts: str = ""  # empty when it is not known


def report(connection: Connection, cards: Iterable[CaseCard], epoch: str, now: datetime) -> bool:
    """Report which of these escalations the database lacks, each once; return whether there were any to report.

    Of several cards of an escalation the first counts. ``epoch`` is the current one of the database.
    """
    if not (first_cards := _find_first_cards(cards)):
        return False
    settled = escalation_rows.find_numbers(connection) | set(_find_reported(connection))
    missing = [card for number, card in sorted(first_cards.items()) if number not in settled]
    messages.enqueue(connection, [*_messages(missing, epoch, now)])
    return bool(missing)


def _find_first_cards(cards: Iterable[CaseCard]) -> dict[int, CaseCard]:
    """Return the first card of each escalation by its number."""
    first: dict[int, CaseCard] = {}
    for card in cards:
        first.setdefault(card.number, card)
    return first


def _find_reported(connection: Connection) -> Iterator[int]:
    """Yield the numbers that were reported before."""
    for note in message_queries.find_notes(connection, SUBJECT):
        yield from map(int, read_notice(note).numbers)


def _messages(missing: list[CaseCard], epoch: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the messages to both channels and to the threads of the cards."""
    if not missing:
        return
    numbers = tuple(str(card.number) for card in missing)
    for target in (ONCALL, ESCALATIONS):
        note = FailureNotice(FailureKind.OLDER_RECORD, target, numbers=numbers).written()
        about = {"subject": SUBJECT, "lane": f"{SUBJECT}:{target}", "note": note}
        yield messages.message(MessageKind.TROUBLE, f"{SUBJECT}:{target}:{epoch}:{missing[-1].number}", now, **about)
    for card in missing:
        if card.ts:
            about = {"subject": SUBJECT, "lane": f"{SUBJECT}:{card.number}", "channel": card.channel}
            note = FailureNotice(FailureKind.OLDER_RECORD, card.ts, numbers=(str(card.number),)).written()
            yield messages.message(MessageKind.TROUBLE, f"{SUBJECT}:{card.channel}:{card.ts}", now, **about, note=note)
