"""Knowledge articles: how a problem is solved, kept from a case. What may be kept, and who may change it. Pure.

Each change is a version of its own; the newest counts. A confirmation is a version with the same words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from models.rules.customers.customer import fold
from models.rules.errors import Refusal, Refused, refuse
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.request import LINE_LIMIT, TEXT_LIMIT, TITLE_LIMIT, clean, is_blank
from models.rules.escalations.similarity import find_terms, find_written_codes, is_solution
from models.rules.escalations.typed_text import ERASED
from models.rules.people import Actor


class ArticleChange(StrEnum):
    """What a version is."""

    WRITTEN = "written"
    EDITED = "edited"
    CONFIRMED = "confirmed"
    RETIRED = "retired"


@dataclass(frozen=True)
class ArticleText:
    """What an article says."""

    title: str
    service: str  # key of the policy file; empty for one of no service
    codes: str  # error codes, as typed
    steps: str  # what solves it
    link: str = ""  # https address of the source


@dataclass(frozen=True)
class ArticleVersion:
    """One change of an article."""

    number: int
    change: ArticleChange
    by: str  # Slack id
    at: datetime
    text: ArticleText
    case: int | None = None  # number of the case from which it was kept


@dataclass(frozen=True)
class Article:
    """An article as it is now."""

    versions: Sequence[ArticleVersion]  # oldest first

    @property
    def number(self) -> int:
        """Return its number, which is given once."""
        return self.versions[0].number

    @property
    def name(self) -> str:
        """Its name for people: ``KB-3``."""
        return f"KB-{self.number}"

    @property
    def text(self) -> ArticleText:
        """Return what it says now."""
        return self.versions[-1].text

    @property
    def case(self) -> int | None:
        """Return the number of the case from which it was kept."""
        return self.versions[0].case

    @property
    def written_by(self) -> str:
        """Return who wrote it first (a Slack id)."""
        return self.versions[0].by

    @property
    def confirmed(self) -> ArticleVersion:
        """Return the version that last said that it is right: written, edited or confirmed."""
        return [version for version in self.versions if version.change is not ArticleChange.RETIRED][-1]

    @property
    def is_retired(self) -> bool:
        """Return whether it counts no more: it was retired, or its words were erased."""
        return self.versions[-1].change is ArticleChange.RETIRED or self.text.title == ERASED

    def is_stale(self, now: datetime, after: timedelta) -> bool:
        """Return whether nobody said for so long that it is still right."""
        return not self.is_retired and now - self.confirmed.at >= after


def check_text(text: ArticleText) -> ArticleText:
    """Return a text with cleaned fields. Raises Refused with every fault."""
    tidy = ArticleText(*(clean(value) for value in (text.title, text.service, text.codes, text.steps, text.link)))
    limits = {"title": TITLE_LIMIT, "codes": LINE_LIMIT, "steps": TEXT_LIMIT, "link": LINE_LIMIT}
    faults = [Refusal("missing", name) for name in ("title", "steps") if is_blank(getattr(tidy, name))]
    faults += [
        Refusal("too_long", name, {"limit": limit})
        for name, limit in limits.items()
        if len(getattr(tidy, name)) > limit
    ]
    if tidy.link and not is_safe_link(tidy.link):
        faults.append(Refusal("not_https", "link"))
    if faults:
        raise Refused(*faults)
    return tidy


def is_safe_link(link: str) -> bool:
    """Return whether an address is one of https with a host, and nothing that Slack could take for more."""
    try:
        parts = urlsplit(link)
        is_https = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
    return is_https and not any(sign in link for sign in "<>|\"' \t\n`")


def check_may_keep(escalation: Escalation) -> None:
    """Refuse to keep an article from a case that tells of no fix."""
    if not is_solution(escalation):
        raise refuse("not_a_solution", solution=escalation.name)


def check_may_change(article: Article, change: ArticleChange, by: Actor) -> None:
    """Refuse a change of a retired article, and by anybody but its author and leads; all may confirm it."""
    if article.is_retired:
        raise refuse("article_retired", article=article.name)
    if change is not ArticleChange.CONFIRMED and by.id != article.written_by and not by.is_lead:
        raise refuse("only_author_or_lead", who=article.written_by)


def list_article_terms(text: ArticleText) -> frozenset[str]:
    """Return the terms by which an article is found beside similar cases."""
    return frozenset(find_terms(f"{text.title}\n{text.codes}\n{text.steps}"))


def find_codes(case: Escalation) -> str:
    """Return the error codes of a case as they were written, each once, in one line.

    The ID of an incident is none: it names what happened once.
    """
    text = f"{case.title}\n{case.details}\n{case.fix}".replace(case.incident_id or "\n", " ")
    return " ".join(dict.fromkeys(find_written_codes(text)))[:LINE_LIMIT]


def match_articles(articles: Sequence[Article], words: str) -> list[Article]:
    """Return the articles with some of these words, those with most of them first, then the newest."""
    wanted = set(find_terms(words))
    typed = fold(words)
    shared = {article.number: len(wanted & list_article_terms(article.text)) for article in articles}
    matching = [
        article
        for article in articles
        if shared[article.number] or typed in fold(f"{article.text.title} {article.name}")
    ]
    return sorted(matching, key=lambda article: (shared[article.number], article.number), reverse=True)
