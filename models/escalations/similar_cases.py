"""Find the past cases that are most like a new problem, and what solved them.

The words of the newest solved cases are counted in memory, so that the rare ones of a problem are known. These are
looked for everywhere. Frequent words are looked for among the newest cases alone, of which there are enough.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from models.escalations import escalation_rows, solution_rows, solution_words
from models.escalations.articles import Articles
from models.rules.escalations.articles import Article, list_article_terms
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.similarity import Candidate, TermCounts, find_terms, is_solution, rank
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
    """A solved case that is like a new problem, or an article."""

    number: int
    title: str
    fix: str
    at: datetime  # when it was solved, or last confirmed
    uses: int  # how many cases were solved as it says
    is_article: bool = False

    @property
    def name(self) -> str:
        """Return its name for people: ``CSP-12`` or ``KB-3``."""
        return f"{'KB' if self.is_article else 'CSP'}-{self.number}"


@dataclass(frozen=True)
class _Counted:
    """The words of the newest solved cases. ``first`` is the lowest number among them, 0 when they are all."""

    counts: TermCounts
    first: int
    last: int


class SimilarCases:
    """Finds similar cases in one store. Keeps counts of words between questions; they are estimates."""

    def __init__(self, store: Store) -> None:
        self._store, self.articles = store, Articles(store)
        self._counted = _Counted(TermCounts(), 0, 0)

    def find(self, service: str, text: str, team_id: str, besides: int = 0) -> list[SimilarCase]:
        """Return at most three solved cases and articles of a team that are like a problem. Raises NotSaved.

        Those of the same service come first, then the most alike, then the newest. The case ``besides`` is left out,
        and so is one of which an article was kept.
        """
        wanted = list(dict.fromkeys(find_terms(text)))
        if not wanted:
            return []

        def unit(connection: Connection) -> list[SimilarCase]:
            articles = {-article.number: article for article in self.articles.list_in(connection, team_id)}
            counted = self._count(connection)
            rare, common = _split(wanted, counted)
            candidates = [
                *solution_words.find(connection, rare, team_id, MOST_READ),
                *solution_words.find_among_newest(connection, common, team_id, MOST_READ, COUNTED),
                *(_as_candidate(article) for article in articles.values()),
            ]
            kept = {article.case: key for key, article in articles.items()}
            candidates = [
                replace(candidate, key=kept.get(candidate.key, candidate.key))
                for candidate in candidates
                if candidate.key > 0 or candidate.key in articles
            ]
            # More than are shown, because the case that others were solved by may be open again.
            keys = rank(wanted, service, candidates, counted.counts, 2 * SHOWN)
            named = _load_cases(connection, [key for key in keys if key > 0], team_id)
            named |= _describe_articles(connection, [articles[key] for key in keys if key < 0])
            return [named[key] for key in keys if key in named and key != besides][:SHOWN]

        return self._store.read(unit)

    def preload(self) -> None:
        """Count the words of solved cases before somebody types; nothing is done while they are the same."""
        self._store.read(self._count)

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


def _as_candidate(article: Article) -> Candidate:
    return Candidate(-article.number, list_article_terms(article.text), article.text.service)


def _load_cases(connection: Connection, numbers: list[int], team_id: str) -> dict[int, SimilarCase]:
    """Return these cases by number, without those that are not solved now."""
    cases = escalation_rows.find_newest_first(connection, numbers)
    solved = [case for case in cases if is_solution(case) and case.team_id == team_id]
    uses = solution_rows.count_uses(connection, [case.number for case in solved])
    return {case.number: _describe_case(case, uses.get(case.number, 0)) for case in solved}


def _describe_case(case: Escalation, uses: int) -> SimilarCase:
    return SimilarCase(case.number, case.title, case.fix or "", case.closed_at or case.changed_at, uses)


def _describe_articles(connection: Connection, articles: list[Article]) -> dict[int, SimilarCase]:
    """Return these articles by their number below 0."""
    uses = solution_rows.count_article_uses(connection, [article.number for article in articles])
    return {
        -article.number: SimilarCase(
            article.number,
            article.text.title,
            article.text.steps,
            article.confirmed.at,
            uses.get(article.number, 0),
            True,
        )
        for article in articles
    }
