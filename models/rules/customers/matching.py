"""Who is who: what the lines of a file mean for the customers that are known already. Decides, but touches nothing.

A customer is the same by tenant ID, else by domain, else by folded name. A customer known by name only that arrives
with a tenant ID is the same customer, now better known. Lines that know more are looked at first, whatever their
place in the file, so that reading the file once more comes to the same end.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.rules.customers.csv_columns import ColumnDraft, CsvLine, RefusedLine
from models.rules.customers.customer import NAME_LIMIT, fold
from models.rules.errors import Refusal


class KnownCustomer(NamedTuple):
    """A customer as it is kept."""

    id: str
    draft: ColumnDraft


@dataclass(frozen=True)
class ImportPlan:
    """What a file changes: new customers, changed ones, and how many lines did which. Customers that a file doesn't
    name stay as they are.
    """

    new: Sequence[KnownCustomer]
    changed: Sequence[KnownCustomer]
    lines: Mapping[str, int]
    refused: Sequence[RefusedLine]


def match(known: Iterable[KnownCustomer], lines: Sequence[CsvLine], prefix: str) -> ImportPlan:
    """Compare lines with what is known; new customers get ids that begin with ``prefix``, which must be unused."""
    register = _Register(known, prefix)
    lines = _with_all_relationships(lines)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    refused = []
    for line in sorted(lines, key=lambda line: (-_knowledge(line.customer), line.number)):
        came = register.meet(line)
        if isinstance(came, Refusal):
            refused.append(RefusedLine(line.number, came))
        else:
            counts[came] += 1
    return ImportPlan(list(register.new.values()), list(register.changed.values()), counts, refused)


def _with_all_relationships(lines: Sequence[CsvLine]) -> list[CsvLine]:
    """The lines, each with every relationship the file tells of its customer: a partner with two sees a customer
    twice.
    """
    told: defaultdict[object, dict[str, None]] = defaultdict(dict)
    for line in lines:
        if line.customer.relationship:
            told[_identity(line.customer)][line.customer.relationship] = None
    return [
        line._replace(customer=line.customer._replace(relationship=_joined(told[_identity(line.customer)])))
        for line in lines
    ]


def _identity(draft: ColumnDraft) -> object:
    return draft.tenant_id or (draft.domain, fold(draft.name))


def _joined(relationships: Iterable[str]) -> str:
    """The relationships in one text, as many as fit."""
    text = ""
    for relationship in relationships:
        longer = f"{text}, {relationship}" if text else relationship
        text = longer if len(longer) <= NAME_LIMIT else text
    return text


def _knowledge(draft: ColumnDraft) -> int:
    """How surely a draft tells who is meant: 2 by tenant ID, 1 by domain, 0 by name."""
    return 2 if draft.tenant_id else 1 if draft.domain else 0


class _Register:
    """All customers, found by each of their marks, while the lines of one file are looked at."""

    def __init__(self, known: Iterable[KnownCustomer], prefix: str) -> None:
        self.new: dict[str, KnownCustomer] = {}
        self.changed: dict[str, KnownCustomer] = {}
        self._prefix = prefix
        self._all: dict[str, ColumnDraft] = {}
        self._by_tenant: dict[str, str] = {}
        self._by_domain: defaultdict[str, set[str]] = defaultdict(set)
        self._by_name: defaultdict[str, set[str]] = defaultdict(set)
        self._met: dict[str, CsvLine] = {}
        for one in known:
            self._enter(one)

    def meet(self, line: CsvLine) -> str | Refusal:
        """``added``, ``changed`` or ``unchanged``, or why the line can't be taken."""
        one = self._find(line.customer)
        if isinstance(one, Refusal):
            return one
        if one is None:
            return self._add(line)
        first = self._met.setdefault(one, line)
        if first is line:
            return self._change(one, line.customer)
        if _contradict(first.customer, line.customer):
            return Refusal("line_contradicts", values={"line": first.number})
        both = _filled(first.customer, line.customer)
        self._met[one] = CsvLine(first.number, both)
        return self._change(one, both)

    def _add(self, line: CsvLine) -> str:
        one = KnownCustomer(f"{self._prefix}{len(self.new) + 1}", line.customer)
        self.new[one.id] = one
        self._met[one.id] = line
        self._enter(one)
        return "added"

    def _change(self, customer: str, said: ColumnDraft) -> str:
        before = self._all[customer]
        draft = before if said == before else _merged(before, said)
        if draft == before:
            return "unchanged"
        self._by_domain[before.domain].discard(customer)
        self._by_name[fold(before.name)].discard(customer)
        one = KnownCustomer(customer, draft)
        (self.new if customer in self.new else self.changed)[customer] = one
        self._enter(one)
        return "changed"

    def _enter(self, one: KnownCustomer) -> None:
        self._all[one.id] = one.draft
        if one.draft.tenant_id:
            self._by_tenant[one.draft.tenant_id] = one.id
        if one.draft.domain:
            self._by_domain[one.draft.domain].add(one.id)
        self._by_name[fold(one.draft.name)].add(one.id)

    def _find(self, draft: ColumnDraft) -> str | Refusal | None:
        """The id of the customer a draft means, None for a new one."""
        if draft.tenant_id:
            return self._by_tenant.get(draft.tenant_id) or _only(self._less_known(draft))
        if draft.domain:
            return self._by_its_domain(draft) or _only(self._named(draft, lambda other: not other.domain))
        return _unless_several(self._by_name.get(fold(draft.name), set()))

    def _by_its_domain(self, draft: ColumnDraft) -> str | Refusal | None:
        same = self._by_domain.get(draft.domain, set())
        named = {one for one in same if fold(self._all[one].name) == fold(draft.name)}
        return _unless_several(named or same)

    def _less_known(self, draft: ColumnDraft) -> Iterable[str]:
        """Customers without a tenant ID that this one must be: of the same domain, else of the same name."""
        same = self._by_domain.get(draft.domain, set()) if draft.domain else set()
        by_domain = [one for one in same if not self._all[one].tenant_id]
        return by_domain or self._named(
            draft, lambda other: not other.tenant_id and not (other.domain and draft.domain)
        )

    def _named(self, draft: ColumnDraft, fits: Callable[[ColumnDraft], bool]) -> list[str]:
        """Customers of that name that fit. A namesake of whom this file says something else is somebody else."""
        same = self._by_name.get(fold(draft.name), set())
        return [one for one in same if fits(self._all[one]) and not self._is_told_apart(one, draft)]

    def _is_told_apart(self, one: str, draft: ColumnDraft) -> bool:
        return one in self._met and _contradict(self._met[one].customer, draft)


def _only(candidates: Iterable[str]) -> str | None:
    """The one candidate, or none: among several nobody may be guessed."""
    match list(candidates):
        case [one]:
            return one
    return None


def _unless_several(candidates: set[str]) -> str | Refusal | None:
    return Refusal("line_ambiguous") if len(candidates) > 1 else _only(candidates)


def _contradict(first: ColumnDraft, second: ColumnDraft) -> bool:
    """Two lines of one file that mean the same customer may complete each other, but not differ; a customer may have
    several relationships.
    """
    pairs = zip(first, second._replace(relationship=first.relationship), strict=True)
    return any(fold(a) != fold(b) for a, b in pairs if a and b)


def _merged(known: ColumnDraft, said: ColumnDraft) -> ColumnDraft:
    """What is known after a line: a line that knows less than we do only fills gaps."""
    return _filled(said, known) if _knowledge(said) >= _knowledge(known) else _filled(known, said)


def _filled(draft: ColumnDraft, other: ColumnDraft) -> ColumnDraft:
    return ColumnDraft(*(a or b for a, b in zip(draft, other, strict=True)))
