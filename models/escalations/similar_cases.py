"""Find the past cases that are most like a new problem, and what solved them.

The words of the newest solved cases are counted in memory, so that the rare ones of a problem are known. These are
looked for everywhere. Frequent words are looked for among the newest cases alone, of which there are enough.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from models.escalations import escalation_rows, solution_rows, solution_words
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.similarity import TermCounts, find_terms, is_solution, rank
from models.store.database import Store

SHOWN = 3
COUNTED = 2_000
"""The newest solved cases whose words are counted, and among which frequent words are looked for."""
COUNT_AGAIN_AFTER = 100
"""How many newer cases there are before the words are counted again; fewer cases than :data:`COUNTED` always are."""
MOST_UNSEEN, MOST_HITS = 60, 1_000
"""How many terms that no counted case has are looked for everywhere; in how many cases further ones are expected."""
MOST_COMMON = 12
"""How many further terms are looked for among the newest cases."""
MOST_READ = 300
"""Cases that are compared with the problem, for rare terms and for frequent ones."""


@dataclass(frozen=True)
class SimilarCase:
    """A solved case that is like a new problem."""

    escalation: Escalation
    uses: int  # how many cases were solved as it was


@dataclass(frozen=True)
class _Counted:
    """The words of the newest solved cases. ``first`` is the lowest number among them, 0 when they are all."""

    counts: TermCounts
    first: int
    last: int


class SimilarCases:
    """Finds similar cases in one store. Keeps counts of words between questions; they are estimates."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counted = _Counted(TermCounts(), 0, 0)

    def find(self, service: str, text: str, team_id: str, besides: int = 0) -> list[SimilarCase]:
        """Return at most three solved cases of a team that are like a problem. Raises NotSaved.

        Those of the same service come first, then the most alike, then the newest. ``besides`` is left out.
        """
        wanted = list(dict.fromkeys(find_terms(text)))
        if not wanted:
            return []

        def unit(connection: Connection) -> list[SimilarCase]:
            counted = self._count(connection)
            rare, common = _split(wanted, counted)
            candidates = [
                *solution_words.find(connection, rare, team_id, 0, MOST_READ),
                *solution_words.find(connection, common, team_id, counted.first - 1, MOST_READ),
            ]
            # One more than is shown, because the case that others were solved by may be open again.
            numbers = rank(wanted, service, candidates, counted.counts, 2 * SHOWN)
            return _load(connection, [number for number in numbers if number != besides], team_id)

        return self._store.read(unit)

    def count_uses(self, numbers: Collection[int]) -> dict[int, int]:
        """Return how many cases the fix of each of these solved; one whose fix solved no other is left out."""
        return self._store.read(lambda connection: solution_rows.count_uses(connection, numbers))

    def _count(self, connection: Connection) -> _Counted:
        """Return the counts of words, counted again when there are many newer cases."""
        newest = next(iter(solution_words.find_newest(connection, 1)), (0, []))[0]
        behind = newest - self._counted.last
        if behind > COUNT_AGAIN_AFTER or (behind and not self._counted.first):
            rows = solution_words.find_newest(connection, COUNTED)
            first = rows[-1][0] if len(rows) == COUNTED else 0
            self._counted = _Counted(TermCounts.of([terms for _, terms in rows]), first, newest)
        return self._counted


def _split(wanted: Collection[str], counted: _Counted) -> tuple[list[str], list[str]]:
    """Return the rarest terms, which are looked for everywhere, and the next ones."""
    counts = counted.counts
    unseen = [term for term in wanted if term not in counts.counts]
    seen = sorted((term for term in wanted if term in counts.counts), key=counts.share)
    expected, few = 0.0, 0
    for term in seen:
        expected += counts.share(term) * (counted.last if counted.first else counts.texts)
        if expected > MOST_HITS:
            break
        few += 1
    return [*unseen[:MOST_UNSEEN], *seen[:few]], seen[few:][:MOST_COMMON]


def _load(connection: Connection, numbers: list[int], team_id: str) -> list[SimilarCase]:
    """Return these cases in this order, without those that are not solved now."""
    cases = {case.number: case for case in escalation_rows.find_newest_first(connection, numbers)}
    solved = [cases[number] for number in numbers if number in cases and is_solution(cases[number])]
    shown = [case for case in solved if case.team_id == team_id][:SHOWN]
    uses = solution_rows.count_uses(connection, [case.number for case in shown])
    return [SimilarCase(case, uses.get(case.number, 0)) for case in shown]
