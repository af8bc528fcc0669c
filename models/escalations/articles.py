"""Knowledge articles that are kept: every SQL statement on them, and what people do to them.

Versions are append-only. The few articles of a team are read whole, and remembered until one changes.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, text, update

from models.escalations import solution_rows
from models.rules.errors import refuse
from models.rules.escalations.articles import Article, ArticleChange, ArticleText, ArticleVersion, check_may_change
from models.rules.escalations.articles import check_text as check
from models.rules.escalations.typed_text import ERASED
from models.rules.people import Actor
from models.store.article_tables import ARTICLE_VERSION
from models.store.database import Store

ARTICLE_LOCK = 0x435350_03
"""The key of PostgreSQL's lock for giving the next number: "CSP", 3."""
_V = ARTICLE_VERSION.c
_OF_TEAM = select(ARTICLE_VERSION).order_by(_V.id)
_IS_ERASED = _V.title == ERASED
_REVISION = select(func.max(_V.id), func.count().filter(_IS_ERASED))
_LAST_NUMBER = select(func.max(_V.number))


class Articles:
    """Writes, changes and finds the articles of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: tuple[tuple[int, int], Mapping[int, tuple[str, Article]]] = ((0, 0), {})

    def write(self, written: ArticleText, by: Actor, at: datetime, key: str, case: int | None = None) -> Article:
        """Keep a new article. The same ``key`` again returns the one of the first time. Raises Refused, NotSaved."""
        text_ = check(written)

        def unit(connection: Connection) -> int:
            _lock(connection)
            number = (connection.scalar(_LAST_NUMBER) or 0) + 1
            version = ArticleVersion(number, ArticleChange.WRITTEN, by.id, at, text_, case)
            return _add(connection, version, by.team_id, key)

        return self._load(self._store.write(unit, in_turn=True), by.team_id)

    def change(
        self, number: int, change: ArticleChange, by: Actor, at: datetime, key: str, edited: ArticleText | None = None
    ) -> Article:
        """Edit, confirm or retire an article. A repeated ``key`` changes nothing. Raises Refused, NotSaved.

        Anybody may confirm; its author and leads edit and retire it.
        """
        text_ = check(edited) if edited else None

        def unit(connection: Connection) -> int:
            _lock(connection)
            if (before := _find_number(connection, key)) is not None:
                return before
            team, article = _read_all(connection).get(number, ("", None))
            if article is None or team != by.team_id:
                raise refuse("no_such_article", article=f"KB-{number}")
            check_may_change(article, change, by)
            version = ArticleVersion(number, change, by.id, at, text_ or article.text, article.case)
            return _add(connection, version, by.team_id, key)

        return self._load(self._store.write(unit, in_turn=True), by.team_id)

    def find(self, number: int, team_id: str | None = None) -> Article | None:
        """Return an article, a retired one too; None when there is none, or none of that team."""
        team, article = self._store.read(self._read).get(number, ("", None))
        return article if team_id in {None, team} else None

    def all(self, team_id: str | None = None, *, retired: bool = False) -> list[Article]:
        """Return the articles of a team, of all teams for None, newest first; retired ones only if wanted."""
        teams_and_articles = self._store.read(self._read)
        wanted = [article for team, article in teams_and_articles.values() if team_id in {None, team}]
        return [article for article in reversed(wanted) if retired or not article.is_retired]

    def list_in(self, connection: Connection, team_id: str) -> list[Article]:
        """Return a team's articles that are not retired, in the caller's transaction."""
        teams_and_articles = self._read(connection).values()
        return [article for team, article in teams_and_articles if team == team_id and not article.is_retired]

    def count_uses(self, numbers: Collection[int]) -> dict[int, int]:
        """Return how many cases each of these articles solved; one that solved none is left out."""
        return self._store.read(lambda connection: solution_rows.count_article_uses(connection, numbers))

    def list_uses(self, number: int, limit: int) -> list[tuple[int, str]]:
        """Return the newest cases that an article solved: the number of each, and its owner (a Slack id)."""
        return self._store.read(lambda connection: solution_rows.find_uses_of_article(connection, number, limit))

    def _load(self, number: int, team_id: str) -> Article:
        article = self.find(number, team_id)
        if article is None:
            raise refuse("no_such_article", article=f"KB-{number}")
        return article

    def _read(self, connection: Connection) -> Mapping[int, tuple[str, Article]]:
        """Return every article with its team by number, read again only when one changed."""
        newest, erased = connection.execute(_REVISION).one()
        if (newest or 0, erased) != self._known[0]:
            self._known = (newest or 0, erased), _read_all(connection)
        return self._known[1]


def check_usable(connection: Connection, number: int, team_id: str) -> None:
    """Refuse an article that is retired, or that the team does not have."""
    team, article = _read_all(connection).get(number, ("", None))
    if article is None or team != team_id:
        raise refuse("no_such_article", article=f"KB-{number}")
    if article.is_retired:
        raise refuse("article_retired", article=article.name)


def find_erasable(connection: Connection, user: str, cases: Collection[int]) -> list[int]:
    """Return the ids of the versions with words that a person wrote (a Slack id), or that were kept from these cases.

    Later versions of an article that repeat such words are among them.
    """
    rows = connection.execute(select(ARTICLE_VERSION).where(~_IS_ERASED)).mappings().all()
    worded = {ArticleChange.WRITTEN, ArticleChange.EDITED}
    own = [row for row in rows if row["case"] in cases or (user and row["by"] == user and row["change"] in worded)]
    words = {(row["number"], row["title"], row["codes"], row["steps"], row["link"]) for row in own}
    return [
        row["id"] for row in rows
        if (row["number"], row["title"], row["codes"], row["steps"], row["link"]) in words
    ]  # fmt: skip


def erase(connection: Connection, ids: Collection[int]) -> None:
    """Erase the words of these versions; who made each and when stays."""
    if ids:
        erased = {"title": ERASED, "steps": ERASED, "codes": "", "link": ""}
        connection.execute(update(ARTICLE_VERSION).where(_V.id.in_(list(ids))).values(erased))


def _lock(connection: Connection) -> None:
    """Let one writer at a time give a number; on SQLite there is only one anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ARTICLE_LOCK})


def _find_number(connection: Connection, key: str) -> int | None:
    """Return the article that a delivery with this key changed; None when it was not handled yet."""
    return connection.scalar(select(_V.number).where(_V.key == key))


def _add(connection: Connection, version: ArticleVersion, team_id: str, key: str) -> int:
    """Append a version unless the key was handled; return the number of its article."""
    if (before := _find_number(connection, key)) is not None:
        return before
    said = version.text
    values = {
        "number": version.number, "change": version.change, "by": version.by, "at": version.at, "key": key,
        "team_id": team_id, "case": version.case, "title": said.title, "service": said.service, "codes": said.codes,
        "steps": said.steps, "link": said.link,
    }  # fmt: skip
    connection.execute(insert(ARTICLE_VERSION), values)
    return version.number


def _read_all(connection: Connection) -> dict[int, tuple[str, Article]]:
    versions: dict[int, list[ArticleVersion]] = {}
    teams: dict[int, str] = {}
    for row in connection.execute(_OF_TEAM).mappings():
        versions.setdefault(row["number"], []).append(_version_from(row))
        teams[row["number"]] = row["team_id"]
    return {number: (teams[number], Article(tuple(changes))) for number, changes in versions.items()}


def _version_from(row: RowMapping) -> ArticleVersion:
    said = ArticleText(row["title"], row["service"], row["codes"], row["steps"], row["link"])
    return ArticleVersion(row["number"], ArticleChange(row["change"]), row["by"], row["at"], said, row["case"])
