"""Knowledge articles: versions, who may change them, found beside similar cases, used, stale; nothing twice."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from models.escalations import erasing
from models.escalations.articles import Articles
from models.escalations.commands import EscalationCommands, SentForm, SolvedAs
from models.escalations.similar_cases import SimilarCases
from models.rules.errors import Refused
from models.rules.escalations.articles import Article, ArticleChange, ArticleText, find_codes, match_articles
from models.rules.escalations.erasure import ErasureRequest
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.escalations.typed_text import ERASED
from models.store.article_tables import ARTICLE_VERSION
from models.store.database import Store
from tests.models.samples import CHANNEL, EMMA, LI, NOW, STRANGER, TEAM, WANG, customer_request, raised, step

TEXT = ArticleText(
    "Outlook 反复要求输入密码", "m365", "0x8004010F", "清除凭据管理器中的旧凭据", "https://learn.microsoft.com/outlook"
)
STALE = timedelta(days=180)


@pytest.fixture
def articles(store: Store) -> Articles:
    """The articles of the store."""
    return Articles(store)


@pytest.fixture
def article(articles: Articles) -> Article:
    """An article that Wang wrote: KB-1."""
    return articles.write(TEXT, WANG, NOW, "write", case=7)


def test_an_article_keeps_who_wrote_who_confirmed_and_each_version(articles: Articles, article: Article) -> None:
    later = NOW + STALE
    assert (article.name, article.case, article.written_by) == ("KB-1", 7, WANG.id)
    assert article.is_stale(later, STALE)
    edited = ArticleText("Outlook 一直要求输入密码", *list(vars(TEXT).values())[1:])

    articles.change(1, ArticleChange.EDITED, LI, NOW, "edit", edited)
    confirmed = articles.change(1, ArticleChange.CONFIRMED, EMMA, later, "confirm")

    assert [version.change for version in confirmed.versions] == ["written", "edited", "confirmed"]
    assert (confirmed.text, confirmed.confirmed.by, confirmed.written_by) == (edited, EMMA.id, WANG.id)
    assert not confirmed.is_stale(later, STALE)
    assert articles.all(TEAM) == [confirmed]


def test_pressed_or_sent_twice_it_is_once(articles: Articles, article: Article) -> None:
    assert articles.write(TEXT, WANG, NOW, "write") == article
    confirmed = [articles.change(1, ArticleChange.CONFIRMED, WANG, NOW, "confirm") for _ in range(2)]

    assert [len(one.versions) for one in confirmed] == [2, 2]
    assert [one.number for one in articles.all()] == [1]


def test_only_its_author_and_leads_edit_or_retire_it(articles: Articles, article: Article) -> None:
    for change in (ArticleChange.EDITED, ArticleChange.RETIRED):
        with pytest.raises(Refused, match="only_author_or_lead"):
            articles.change(article.number, change, EMMA, NOW, f"{change}", TEXT)
    with pytest.raises(Refused, match="no_such_article"):
        articles.change(article.number, ArticleChange.CONFIRMED, STRANGER, NOW, "stranger")

    retired = articles.change(article.number, ArticleChange.RETIRED, LI, NOW, "retire")

    assert retired.is_retired
    assert articles.all(TEAM) == []
    assert articles.find(1, TEAM) == retired
    with pytest.raises(Refused, match="article_retired"):
        articles.change(article.number, ArticleChange.CONFIRMED, WANG, NOW, "again")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("title", "  ", "missing"), ("steps", "", "missing"), ("title", "x" * 151, "too_long"),
        ("link", "http://learn.microsoft.com", "not_https"), ("link", "javascript:alert(1)", "not_https"),
        ("link", "https://a b", "not_https"), ("link", "https://x|<!channel>", "not_https"),
        ("link", "https://", "not_https"),
    ],
)  # fmt: skip
def test_what_can_not_be_kept_is_refused_under_its_field(
    articles: Articles, field: str, value: str, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        articles.write(ArticleText(**{**vars(TEXT), field: value}), WANG, NOW, "key")

    assert [(refusal.reason, refusal.field) for refusal in refused.value.refusals] == [(reason, field)]
    assert articles.all() == []


def test_no_version_is_ever_removed(store: Store, article: Article) -> None:
    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(delete(ARTICLE_VERSION).where(ARTICLE_VERSION.c.number == article.number))


def solve_by(commands: EscalationCommands, number: int, key: str = "view") -> Escalation:
    """Raise a case that an article solves."""
    sent = SentForm(quick=True, solved_as=SolvedAs(number, "as KB-1", is_article=True))
    return commands.raise_escalation(customer_request(), CHANNEL, EMMA, NOW, key, sent)


def test_an_article_is_found_before_its_case_and_counts_its_uses(
    commands: EscalationCommands, articles: Articles, store: Store
) -> None:
    number = raised(commands, "past", service="m365", title=TEXT.title).number
    commands.move(number, step(Move.RESOLVE, text=TEXT.steps), "fix")
    similar_cases = SimilarCases(store)
    articles.write(TEXT, WANG, NOW, "write", case=number)

    case = solve_by(commands, 1)

    assert (case.status, case.solved_by_article, case.solved_from) == (Status.RESOLVED, 1, None)
    found = similar_cases.find("m365", "Outlook 弹出密码框，要求输入密码 0x8004010F", TEAM)
    assert [(one.name, one.uses) for one in found] == [("KB-1", 1)]
    assert (articles.count_uses([1]), articles.list_uses(1, 3)) == ({1: 1}, [(case.number, EMMA.id)])
    # What the solved case was called leads to the article too.
    assert [one.name for one in similar_cases.find("Exchange Online", "无法收发邮件 contoso bounces", TEAM)] == ["KB-1"]
    assert commands.move(case.number, step(Move.REOPEN), "reopen").solved_by_article is None
    assert articles.count_uses([1]) == {}


def test_a_retired_article_solves_nothing_and_is_not_found(
    commands: EscalationCommands, articles: Articles, article: Article, store: Store
) -> None:
    articles.change(article.number, ArticleChange.RETIRED, WANG, NOW, "retire")

    with pytest.raises(Refused, match="article_retired"):
        solve_by(commands, article.number)
    with pytest.raises(Refused, match="no_such_article"):
        solve_by(commands, 99)
    assert SimilarCases(store).find("m365", TEXT.title, TEAM) == []


def test_articles_are_searched_by_words_of_either_language(articles: Articles, article: Article) -> None:
    other = articles.write(ArticleText("Mail bounces", "m365", "550 5.7.708", "Ask for the limit"), WANG, NOW, "2")
    known = articles.all(TEAM)

    assert match_articles(known, "输入密码") == [article]
    assert match_articles(known, "bouncing mails 5.7.708") == [other]
    assert match_articles(known, "KB-1") == [article]
    assert match_articles(known, "打印机") == []


def test_error_codes_are_kept_as_they_were_written(commands: EscalationCommands) -> None:
    details = "AADSTS50020 与 550 5.7.708，时间 2026-01-05 09:00，Microsoft 365，事件 MO778899"
    case = raised(commands).model_copy(update={"details": details, "answers": {"incident_id": "MO778899"}})

    assert find_codes(case) == "AADSTS50020 550 5.7.708"


def test_erased_words_are_gone_from_every_version_and_the_article_is_offered_no_more(
    store: Store, articles: Articles, article: Article
) -> None:
    articles.change(1, ArticleChange.CONFIRMED, LI, NOW, "confirm")
    articles.write(TEXT, LI, NOW, "other", case=9)
    assert len(articles.all(TEAM)) == 2

    findings = erasing.erase(store, ErasureRequest(user=article.written_by), "cli", "left", NOW)

    assert len(findings.articles) == 2
    assert [one.number for one in articles.all(TEAM)] == [2]
    erased = articles.find(1)
    assert erased
    assert [(version.by, version.text.steps) for version in erased.versions] == [(WANG.id, ERASED), (LI.id, ERASED)]
    assert erasing.preview(store, ErasureRequest(user=WANG.id)).articles == []
    assert len(erasing.preview(store, ErasureRequest(cases=(9,))).articles) == 1


def test_words_can_be_erased_but_nothing_else_can_change(store: Store, article: Article) -> None:
    forged = update(ARTICLE_VERSION).where(ARTICLE_VERSION.c.number == article.number)
    for values in ({"by": "U0LINA"}, {"steps": "forged"}, {"title": ERASED, "steps": ERASED, "by": "U0LINA"}):
        with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.execute(forged.values(values))
