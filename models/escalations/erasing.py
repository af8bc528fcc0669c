"""Erase what is personal, in one transaction: texts, reasons, drafts, profiles, contacts, evidence.

The history stays whole: rows, order, who, when, and the hash of each text. Erasing again changes nothing.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from models.customers import informing, record_rows
from models.customers.informing import InformingPerson
from models.customers.record_rows import ContactRow
from models.escalations import (
    articles,
    draft_rows,
    erasure_rows,
    escalation_rows,
    history_rows,
    person_rows,
    scrubbing,
    search,
    solution_words,
    text_rows,
)
from models.escalations.text_rows import StoredText
from models.outbox import escalation_messages
from models.rules.customers.record_fields import Contact
from models.rules.escalations.erasure import IN_ROTA, IN_WORDS, Erasure, ErasureRequest, is_marked, mark_contact
from models.rules.escalations.escalation import ENDED, Escalation
from models.rules.escalations.searchable_text import list_form_texts
from models.rules.escalations.typed_text import ERASED, list_erased_fields
from models.rules.people import is_unnamed
from models.store import reason_rows, remediation_rows
from models.store.database import Store
from models.store.remediation_rows import RemediationText, WantedTexts

SALT_BYTES = 8
THE_PROBLEM = frozenset({"title", "details"})
"""The fields of a case without which nobody can work on it."""
SHORTEST_NAME = 2
"""Characters of a name that is looked for in words."""


@dataclass(frozen=True)
class ErasureFindings:
    """What an erasure takes away."""

    texts: Sequence[StoredText] = ()
    drafts: int = 0
    reasons: int = 0  # beside shifts
    has_profile: bool = False
    contacts: Sequence[ContactRow] = ()
    no_such_cases: Sequence[int] = field(default_factory=tuple)
    articles: Sequence[int] = ()  # ids of versions of knowledge articles
    plans: Sequence[RemediationText] = ()  # texts of remediation records
    informed: int = 0  # records that a customer was informed
    no_such_plans: Sequence[int] = ()
    copies: int = 0  # of the texts: what later corrections keep of the others
    open_cases: Sequence[int] = ()  # numbers of the cases that are not closed and lose what their problem is

    @property
    def texts_by_case(self) -> Mapping[int, int]:
        """How many texts are erased in each case, by its number."""
        return Counter(text.number for text in self.texts)

    def __bool__(self) -> bool:
        has_words = self.texts or self.drafts or self.reasons or self.articles or self.plans
        return bool(has_words or self.has_profile or self.contacts or self.informed)


def preview(store: Store, wanted: ErasureRequest) -> ErasureFindings:
    """Return what an erasure would take away. Raises NotSaved."""
    return store.read(lambda connection: _find(connection, wanted))


def erase(store: Store, wanted: ErasureRequest, by: str, why: str, at: datetime) -> ErasureFindings:
    """Erase, record that it was done, and have the messages in Slack redrawn that showed it: all or nothing.

    Raises NotSaved; then nothing was erased, or a part of an SQLite file may still hold erased words.
    """

    def unit(connection: Connection) -> ErasureFindings:
        scrubbing.overwrite_deleted(connection)
        return _erase(connection, wanted, by, why, at)

    findings = store.write(unit)
    scrubbing.scrub(store)  # also when nothing is left to erase: the last time may have been interrupted
    return findings


def repeat(connection: Connection, erasures: Collection[Erasure], at: datetime) -> int:
    """Erase in a restored database what was erased in the one it replaces; return how many erasures took effect."""
    recorded = set(erasure_rows.find_all(connection))
    done = 0
    for erasure in erasures:
        if erasure in recorded:
            continue
        marked = [
            row.id
            for row in record_rows.find_contacts(connection)
            if any(is_marked(row.customer_id, row.contact, mark) for mark in erasure.contacts)
        ]
        wanted = ErasureRequest(
            erasure.user, _find_marked(IN_ROTA, reason_rows.find_names(connection), erasure), erasure.cases,
            tuple(marked), _find_marked(IN_WORDS, _find_known_names(connection), erasure), erasure.remediations,
        )  # fmt: skip
        done += bool(_erase(connection, wanted, erasure.by, erasure.why, at, as_of=erasure))
    return done


def _find_marked(where: str, names: Collection[str], erasure: Erasure) -> tuple[str, ...]:
    """Return which of these names an erasure marks."""
    return tuple(name for name in sorted(names) if any(is_marked(where, Contact(name), m) for m in erasure.contacts))


def _find_known_names(connection: Connection) -> set[str]:
    """Return the names that this database may still hold in words."""
    people = {person.name for person in person_rows.find_all(connection)}
    contacts = {value for row in record_rows.find_contacts(connection) for value in row.contact}
    return people | contacts | informing.find_informers(connection) | remediation_rows.find_named(connection)


def _find(connection: Connection, wanted: ErasureRequest) -> ErasureFindings:
    own = text_rows.find_of_user(connection, wanted.user) if wanted.user else []
    texts = [*own, *(text_rows.find_of_cases(connection, wanted.cases) if wanted.cases else ())]
    copies = _find_copies(connection, texts)
    cases = escalation_rows.find_rows(connection, wanted.cases)
    plans, wanted_plans = remediation_rows.find_texts(connection), _in_plans(wanted)
    typed, every = {text.hash for text in texts}, {text.hash: text for text in (*texts, *copies)}
    return ErasureFindings(
        list(every.values()),
        draft_rows.count_of_user(connection, wanted.user) if wanted.user else 0,
        reason_rows.count(connection, _list_people(wanted), ERASED),
        bool(wanted.user and _is_named(connection, wanted.user)),
        [row for row in record_rows.find_contacts(connection) if row.id in wanted.contacts] if wanted.contacts else (),
        sorted(set(wanted.cases) - set(cases)),
        articles.find_erasable(connection, wanted.user, wanted.cases),
        [text for text in plans if wanted_plans.has(text)],
        informing.count_personal(connection, _as_informer(wanted), ERASED),
        sorted(set(wanted.remediations) - remediation_rows.find_numbers(connection)),
        len(every) - len(typed),
        _find_open(connection, list(every.values())),
    )


def _is_named(connection: Connection, user: str) -> bool:
    """Return whether a profile holds a name: the bot stores that of an erased person again with a label only."""
    profile = person_rows.find(connection, user)
    return profile is not None and not is_unnamed(user, profile[0].name)


def _find_open(connection: Connection, texts: Sequence[StoredText]) -> list[int]:
    """Return the cases that are not closed and would say no longer what their problem is."""
    erased = _list_values(texts)
    return [
        case.number
        for case in escalation_rows.find_oldest_first(connection, erased)
        if case.status not in ENDED and THE_PROBLEM & list_erased_fields(case, erased[case.number]).keys()
    ]


def _in_plans(wanted: ErasureRequest) -> WantedTexts:
    return WantedTexts(wanted.user, _list_called(wanted), wanted.remediations)


def _as_informer(wanted: ErasureRequest) -> InformingPerson:
    return InformingPerson(wanted.user, _list_called(wanted))


def _list_called(wanted: ErasureRequest) -> tuple[str, ...]:
    """Return by which names words mention the person; one letter alone would be found everywhere."""
    return tuple(name for name in {*wanted.names, *wanted.called} if len(name) >= SHORTEST_NAME)


def _list_people(wanted: ErasureRequest) -> list[str]:
    """Return how the rota may name the person."""
    return [name for name in (wanted.user, *wanted.names) if name]


def _find_copies(connection: Connection, texts: Sequence[StoredText]) -> list[StoredText]:
    """Return the copies that later corrections keep of erased words: what they replaced.

    A copy that also holds other words goes as a whole. Those stay in the entries that wrote them.
    """
    erased = _list_values(texts)
    return [
        text
        for text in text_rows.find_of_cases(connection, erased)
        if not text.is_own and not erased[text.number].isdisjoint(text.words.list_values())
    ]


def _list_values(texts: Sequence[StoredText]) -> dict[int, set[str]]:
    """Return the erased words by case."""
    values: dict[int, set[str]] = defaultdict(set)
    for text in texts:
        values[text.number].update(text.words.list_values())
    return values


def _erase(
    connection: Connection, wanted: ErasureRequest, by: str, why: str, at: datetime, as_of: Erasure | None = None
) -> ErasureFindings:
    """Erase; ``as_of`` is the record of another database that is repeated."""
    for number in sorted(_find(connection, wanted).texts_by_case):
        _lock(connection, number)
    findings = _find(connection, wanted)  # Nobody changes these cases now.
    if not findings and as_of is None:
        return findings
    salt = secrets.token_hex(SALT_BYTES)
    marks = (
        *(mark_contact(row.customer_id, row.contact, salt) for row in findings.contacts),
        *(mark_contact(IN_ROTA, Contact(name), salt) for name in wanted.names),
        *(mark_contact(IN_WORDS, Contact(name), salt) for name in _list_called(wanted)),
    )
    record = as_of or Erasure(at, by, why, wanted.user, wanted.cases, marks, wanted.remediations)
    key = f"erased:{erasure_rows.add(connection, record)}"
    hashes = [*(text.hash for text in findings.texts), *(text.hash for text in findings.plans)]
    text_rows.erase(connection, hashes, by, why, at)
    informing.erase_personal(connection, _as_informer(wanted), ERASED)
    for number, values in _list_values(findings.texts).items():
        seqs = {1, *(text.seq for text in findings.texts if text.number == number)}
        _erase_case(connection, number, values, seqs, key, at)
    articles.erase(connection, findings.articles)
    if wanted.user:
        draft_rows.delete_of_user(connection, wanted.user)
        person_rows.forget(connection, wanted.user)
    reason_rows.erase(connection, _list_people(wanted), ERASED)
    record_rows.delete_contacts(connection, [row.id for row in findings.contacts])
    return findings


def _erase_case(
    connection: Connection, number: int, values: Collection[str], seqs: Collection[int], key: str, at: datetime
) -> None:
    """Take erased words out of a case as it is now and out of its indexes, and have its messages redrawn."""
    case = _lock(connection, number)
    if changed := list_erased_fields(case, values):
        escalation_rows.change(connection, number, changed)
        case = case.model_copy(update=changed)
    search.replace_words(connection, number, _list_words(connection, case))
    if case.fix == ERASED:
        solution_words.forget(connection, number)
    else:
        solution_words.put(connection, case)
    escalation_messages.enqueue_without_texts(connection, case, seqs, key, at)


def _lock(connection: Connection, number: int) -> Escalation:
    case = escalation_rows.find(connection, number)
    locked = escalation_rows.lock(connection, number, case.team_id) if case else None
    assert locked is not None  # noqa: S101 - escalations are never deleted
    return locked


def _list_words(connection: Connection, case: Escalation) -> str:
    """Return everything by which a case is still found."""
    written = [
        word
        for text in text_rows.find_of_cases(connection, [case.number])
        if text.is_own
        for word in text.words.list_values()
    ]
    kept = [*list_form_texts(case), *written, *history_rows.find_request_numbers(connection, case.number)]
    return " ".join(kept).replace(ERASED, " ")
