"""`list`, `mine`, `search` (with filters too), `show`, `history`, `returned` and similar cases over 150,000 cases.

They have 1,000,000 history rows.
"""

import gc
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from models.escalations.queries import EscalationQueries
from models.escalations.returned_cases import ReturnedCases
from models.escalations.similar_cases import SimilarCases
from models.rules.escalations.returned_rates import RateWindow, find_window
from models.rules.escalations.selection import CaseSelection
from models.store.database import Store
from tests.bench import archive, databases
from tests.bench.measurement import Figure, Workshop
from tests.bench.processor_time import Spent, Stopwatch, judge_spent

ASKED = 320
LIMIT = 50
FILTERED, RETURNED, SIMILAR = "search with filters", "returned", "similar"
MANY_RETURNED = "returned, 98,000 cases in the window"
LIMITS = {FILTERED: 100, RETURNED: 300, MANY_RETURNED: 300, SIMILAR: 100}
"""Some questions have limits of their own, in milliseconds."""
HISTORY_PAGE = 11


def measure(workshop: Workshop) -> list[Figure]:
    """Build the same archive in both databases; ask each question many times."""
    figures: list[Figure] = []
    workshop.say("SQLite: writing 150,000 escalations with 1,000,000 history rows")
    url = databases.sqlite(workshop.folder, "archive")
    archive.build(url)
    figures += _asked(workshop, "SQLite", url)
    with databases.postgresql() as server, server.migrated() as url:
        workshop.say("PostgreSQL: writing 150,000 escalations with 1,000,000 history rows")
        archive.build(url)
        figures += _asked(workshop, "PostgreSQL", url)
    return figures


def _asked(workshop: Workshop, kind: str, url: str) -> list[Figure]:
    store = Store(url)
    chance = random.Random(7)
    figures: list[Figure] = []
    for name, ask in _questions(store, chance).items():
        workshop.say(f"{kind}: {name}, {ASKED} times")
        figures.append(_timed(f"{name} ({kind})", LIMITS.get(name, LIMIT), Stopwatch(store), ask))
    store.dispose()
    return figures


def _questions(store: Store, chance: random.Random) -> dict[str, Callable[[], tuple[str, Callable[[], object]]]]:
    """For each command a maker of (what is asked, the question)."""
    queries, returned_cases, similar_cases = (
        EscalationQueries(store),
        ReturnedCases(store),
        SimilarCases(store),
    )
    words = archive.queries()
    selections = list(archive.selections().items())
    turn = iter(range(10**9))

    def search() -> tuple[str, Callable[[], object]]:
        wanted = words[next(turn) % len(words)]
        return wanted, partial(
            queries.search_page, CaseSelection(words=wanted), archive.TEAM, 5, chance.choice((0, 0, 0, 5, 50))
        )

    def search_with_filters() -> tuple[str, Callable[[], object]]:
        name, wanted = selections[next(turn) % len(selections)]
        return name, partial(queries.search_page, wanted, archive.TEAM, 5, chance.choice((0, 0, 0, 5, 50)))

    def show() -> tuple[str, Callable[[], object]]:
        number = chance.randint(1, archive.ESCALATIONS)
        return str(number), lambda: (
            queries.escalation(number, archive.TEAM),
            queries.name_of(archive.MEMBERS[3]),
        )

    def history() -> tuple[str, Callable[[], object]]:
        number = chance.randint(1, archive.ESCALATIONS)
        return str(number), partial(queries.history, number, HISTORY_PAGE, 0)

    def list_() -> tuple[str, Callable[[], object]]:
        offset = chance.choice((0, 0, 0, 5, 100, 900))
        return f"from {offset}", partial(queries.open_page, archive.TEAM, 5, offset)

    def mine() -> tuple[str, Callable[[], object]]:
        user = chance.choice(archive.MEMBERS)
        return user, partial(queries.own_page, user, archive.TEAM, 5, 0)

    def returned() -> tuple[str, Callable[[], object]]:
        """Ask for the last 90 days as they were on one of the last days."""
        end = archive.BEGAN + timedelta(minutes=17 * archive.ESCALATIONS)
        window = find_window(end - timedelta(days=chance.randint(0, 20)), ZoneInfo("Asia/Shanghai"))
        return f"from {window.first_day}", partial(returned_cases.overview, window, archive.TEAM)

    def many_returned() -> tuple[str, Callable[[], object]]:
        """Ask as if 98,000 cases were raised within 90 days."""
        since = archive.BEGAN + timedelta(minutes=17 * (archive.ESCALATIONS - 98_000))
        return "", partial(returned_cases.overview, RateWindow(since.date(), since), archive.TEAM)

    problems = archive.problems()

    def similar() -> tuple[str, Callable[[], object]]:
        problem = problems[next(turn) % len(problems)]
        return problem[:20], partial(similar_cases.find, chance.choice(archive.SERVICES), problem, archive.TEAM)

    return {
        RETURNED: returned, MANY_RETURNED: many_returned,
        "list": list_, "mine": mine, "search": search, FILTERED: search_with_filters, "show": show, "history": history,
        SIMILAR: similar,
    }  # fmt: skip


def _timed(name: str, limit: float, watch: Stopwatch, ask: Callable[[], tuple[str, Callable[[], object]]]) -> Figure:
    spent: list[tuple[Spent, str]] = []
    gc.collect()
    for _ in range(ASKED):
        wanted, question = ask()
        began = watch.read()
        question()
        spent.append((watch.read() - began, wanted))
    return judge_spent(name, limit, spent)
