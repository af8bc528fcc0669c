"""Which customers the lines of a file mean, and what they change. Decides only; changes nothing.

A customer is the same by tenant ID, else by domain, else by folded name. A customer on record by name only that arrives
with a tenant ID is the same one, now better known.

Lines with more identifiers are matched first, wherever they are in the file. So importing a file twice gives the same
result.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.rules.customers.csv_columns import CsvLine, CustomerDraft, RefusedLine
from models.rules.customers.customer import NAME_LIMIT, fold
from models.rules.customers.record_fields import Informed
from models.rules.errors import Refusal

LISTED = ("relationship", "services", "contacts", "informed")
"""Fields of which a customer may have several values, on several lines."""
SAID_BY_LINE = ("services", "agreement", "delegated", "entitled_to_a", "language", "contacts")
"""Fields that a line changes, however few identifiers it has."""


class KnownCustomer(NamedTuple):
    """A customer on record."""

    id: str
    draft: CustomerDraft


@dataclass(frozen=True)
class ImportPlan:
    """What a file changes. Customers that it does not name stay as they are."""

    new: Sequence[KnownCustomer]
    changed: Sequence[KnownCustomer]
    lines: Mapping[str, int]  # how many lines were ``added``, ``changed`` or ``unchanged``
    refused: Sequence[RefusedLine]


def split_by_day(lines: Sequence[CsvLine], today: str) -> tuple[list[CsvLine], list[RefusedLine]]:
    """Return the lines, and those refused because they say that a customer was informed after ``today``."""
    days = {line.number: max((informed.day for informed in line.customer.informed), default="") for line in lines}
    late = [
        RefusedLine(number, (Refusal("line_informed_later", values={"found": day}),))
        for number, day in days.items()
        if day > today
    ]
    return [line for line in lines if days[line.number] <= today], late


def match(customers: Iterable[KnownCustomer], lines: Sequence[CsvLine], prefix: str) -> ImportPlan:
    """Compare lines with the customers on record. New ids begin with ``prefix``, which must be unused."""
    register = _Register(customers, prefix)
    lines = _with_all_listed(lines)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    refused = []
    for line in sorted(lines, key=lambda line: (-_identifier_rank(line.customer), line.number)):
        outcome = register.match_line(line)
        if isinstance(outcome, Refusal):
            refused.append(RefusedLine(line.number, (outcome,)))
        else:
            counts[outcome] += 1
    return ImportPlan(list(register.new.values()), list(register.changed.values()), counts, refused)


def _with_all_listed(lines: Sequence[CsvLine]) -> list[CsvLine]:
    """Return the lines, each with every relationship, service and contact that the file gives its customer.

    A partner with two relationships has a customer twice; a list of contacts or subscriptions has it on many lines.
    """
    listed: dict[str, defaultdict[object, dict[Any, None]]] = {field: defaultdict(dict) for field in LISTED}
    for line in lines:
        for field, by_customer in listed.items():
            for value in _values_of(line.customer, field):
                by_customer[_identity(line.customer)][value] = None
    return [line._replace(customer=_with_listed(line.customer, listed)) for line in lines]


def _values_of(draft: CustomerDraft, field: str) -> tuple[Any, ...]:
    if field == "relationship":
        return (draft.relationship,) if draft.relationship else ()
    return tuple(getattr(draft, field))


def _with_listed(draft: CustomerDraft, listed: Mapping[str, Mapping[object, Mapping[Any, None]]]) -> CustomerDraft:
    identity = _identity(draft)
    relationships, services, contacts, informed = (listed[field].get(identity, {}) for field in LISTED)
    return draft._replace(
        relationship=_join_relationships(relationships),
        services=tuple(services),
        contacts=tuple(contacts),
        informed=tuple(informed),
    )


def _identity(draft: CustomerDraft) -> object:
    return draft.tenant_id or (draft.domain, fold(draft.name))


def _join_relationships(relationships: Iterable[str]) -> str:
    """Return the relationships in one text, as many as fit."""
    text = ""
    for relationship in relationships:
        longer = f"{text}, {relationship}" if text else relationship
        text = longer if len(longer) <= NAME_LIMIT else text
    return text


def _identifier_rank(draft: CustomerDraft) -> int:
    """Return how well a draft identifies its customer: 2 by tenant ID, 1 by domain, 0 by name."""
    return 2 if draft.tenant_id else 1 if draft.domain else 0


class _Register:
    """All customers by each of their identifiers, while the lines of one file are matched."""

    def __init__(self, customers: Iterable[KnownCustomer], prefix: str) -> None:
        self.new: dict[str, KnownCustomer] = {}
        self.changed: dict[str, KnownCustomer] = {}
        self._prefix = prefix
        self._all: dict[str, CustomerDraft] = {}
        self._by_tenant: dict[str, str] = {}
        self._by_domain: defaultdict[str, set[str]] = defaultdict(set)
        self._by_name: defaultdict[str, set[str]] = defaultdict(set)
        self._met: dict[str, CsvLine] = {}
        for customer in customers:
            self._index(customer)

    def match_line(self, line: CsvLine) -> str | Refusal:
        """Match a line: ``added``, ``changed`` or ``unchanged``, or why it is refused."""
        customer_id = self._find(line.customer)
        if isinstance(customer_id, Refusal):
            return customer_id
        if customer_id is None:
            return self._add(line)
        first = self._met.setdefault(customer_id, line)
        if first is line:
            return self._change(customer_id, line.customer)
        if _contradict(first.customer, line.customer):
            return Refusal("line_contradicts", values={"line": first.number})
        combined = _fill_gaps(first.customer, line.customer)
        self._met[customer_id] = CsvLine(first.number, combined)
        return self._change(customer_id, combined)

    def _add(self, line: CsvLine) -> str:
        customer = KnownCustomer(f"{self._prefix}{len(self.new) + 1}", line.customer)
        self.new[customer.id] = customer
        self._met[customer.id] = line
        self._index(customer)
        return "added"

    def _change(self, customer_id: str, line_draft: CustomerDraft) -> str:
        before = self._all[customer_id]
        draft = before if line_draft == before else _merge(before, line_draft)
        if draft == before:
            return "unchanged"
        self._by_domain[before.domain].discard(customer_id)
        self._by_name[fold(before.name)].discard(customer_id)
        changed = KnownCustomer(customer_id, draft)
        (self.new if customer_id in self.new else self.changed)[customer_id] = changed
        self._index(changed)
        return "changed"

    def _index(self, customer: KnownCustomer) -> None:
        self._all[customer.id] = customer.draft
        if customer.draft.tenant_id:
            self._by_tenant[customer.draft.tenant_id] = customer.id
        if customer.draft.domain:
            self._by_domain[customer.draft.domain].add(customer.id)
        self._by_name[fold(customer.draft.name)].add(customer.id)

    def _find(self, draft: CustomerDraft) -> str | Refusal | None:
        """Return the id of the customer a draft means; None for a new one."""
        if draft.tenant_id:
            return self._by_tenant.get(draft.tenant_id) or _only(self._find_less_identified(draft))
        if draft.domain:
            return self._find_by_domain(draft) or _only(self._find_by_name(draft, lambda other: not other.domain))
        return _only_or_ambiguous(self._by_name.get(fold(draft.name), set()))

    def _find_by_domain(self, draft: CustomerDraft) -> str | Refusal | None:
        candidates = self._by_domain.get(draft.domain, set())
        same_name = {customer_id for customer_id in candidates if fold(self._all[customer_id].name) == fold(draft.name)}
        return _only_or_ambiguous(same_name or candidates)

    def _find_less_identified(self, draft: CustomerDraft) -> Iterable[str]:
        """Return customers without a tenant ID that this must be: of the same domain, else of the same name."""
        candidates = self._by_domain.get(draft.domain, set()) if draft.domain else set()
        by_domain = [customer_id for customer_id in candidates if not self._all[customer_id].tenant_id]
        return by_domain or self._find_by_name(
            draft, lambda other: not other.tenant_id and not (other.domain and draft.domain)
        )

    def _find_by_name(self, draft: CustomerDraft, fits: Callable[[CustomerDraft], bool]) -> list[str]:
        """Return customers of that name that fit, without those about whom this file says something else."""
        candidates = self._by_name.get(fold(draft.name), set())
        return [
            customer_id
            for customer_id in candidates
            if fits(self._all[customer_id]) and not self._is_contradicted(customer_id, draft)
        ]

    def _is_contradicted(self, customer_id: str, draft: CustomerDraft) -> bool:
        return customer_id in self._met and _contradict(self._met[customer_id].customer, draft)


def _only(candidates: Iterable[str]) -> str | None:
    """Return the only candidate, or None: among several there is no guessing."""
    match list(candidates):
        case [candidate]:
            return candidate
    return None


def _only_or_ambiguous(candidates: set[str]) -> str | Refusal | None:
    return Refusal("line_ambiguous") if len(candidates) > 1 else _only(candidates)


def _contradict(first: CustomerDraft, second: CustomerDraft) -> bool:
    """Return whether two lines of one file about the same customer differ.

    They may complete each other, and a customer may have several relationships, services and contacts.
    """
    return any(
        fold(str(a)) != fold(str(b))
        for field, a, b in zip(first._fields, first, second, strict=True)
        if field not in LISTED and a and b and a != b
    )


def _merge(recorded: CustomerDraft, line_draft: CustomerDraft) -> CustomerDraft:
    """Return a customer after a line. One with fewer identifiers than the record only fills gaps in who it is."""
    informed = _add_informed(recorded.informed, line_draft.informed)
    if _identifier_rank(line_draft) >= _identifier_rank(recorded):
        return _fill_gaps(line_draft, recorded)._replace(informed=informed)
    said = {field: value for field in SAID_BY_LINE if (value := getattr(line_draft, field))}
    return _fill_gaps(recorded, line_draft)._replace(**said, informed=informed)


def _add_informed(before: tuple[Informed, ...], said: tuple[Informed, ...]) -> tuple[Informed, ...]:
    """Return what is on record, and the days that are not. What is on record never changes."""
    days_before = {informed.day for informed in before}
    new = {informed.day: informed for informed in reversed(said) if informed.day not in days_before}
    return (*before, *(new[day] for day in sorted(new)))


def _fill_gaps(draft: CustomerDraft, other: CustomerDraft) -> CustomerDraft:
    return CustomerDraft._make(a or b for a, b in zip(draft, other, strict=True))
