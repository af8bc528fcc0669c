"""``articles list | show | export``: an operator reads what is kept, who keeps it right, and what is stale."""

import csv
import io
import json
from datetime import timedelta

import pytest

from models.escalations.articles import Articles
from models.escalations.commands import EscalationCommands
from models.rules.escalations.articles import ArticleChange, ArticleText
from models.rules.people import Person
from models.store.database import Store
from tests.bot.commands.conftest import Terminal
from tests.models.samples import LI, NOW, WANG

TEXT = ArticleText("Outlook 反复要求输入密码", "m365", "0x8004010F", "=1+1 清除[bold]旧凭据", "https://example.com/kb")


@pytest.fixture(autouse=True)
def articles(store: Store) -> Articles:
    """One article that is old, and one that was retired."""
    EscalationCommands(store).remember((Person(id="U0WANG", team_id=WANG.team_id, name="王伟 Wang Wei"), NOW))
    articles = Articles(store)
    articles.write(TEXT, WANG, NOW - timedelta(days=4000), "1", case=7)
    articles.write(ArticleText("Mail bounces", "", "", "Ask"), WANG, NOW - timedelta(days=4000), "2")
    articles.change(2, ArticleChange.RETIRED, LI, NOW - timedelta(days=4000), "3")
    return articles


def told(terminal: Terminal, *words: str, language: str = "en_GB.UTF-8") -> str:
    result = terminal.type("articles", *words, language=language)
    assert result.code == 0, result.err
    return result.out


def test_articles_are_listed_and_searched_with_what_is_stale(terminal: Terminal) -> None:
    listed = told(terminal, "list")
    assert "KB-1" in listed
    assert "stale" in listed
    assert "KB-2" not in listed
    assert "retired" in told(terminal, "list", "--all")
    assert "KB-1" in told(terminal, "list", "密码")
    assert told(terminal, "list", "打印机") == "No article matches.\n"
    assert "待确认" in told(terminal, "list", language="zh_CN.UTF-8")


def test_one_article_is_shown_with_everybody_who_changed_it(terminal: Terminal) -> None:
    shown = told(terminal, "show", "kb-1")
    assert "=1+1 清除[bold]旧凭据" in shown
    assert "王伟 Wang Wei: wrote it" in shown
    facts = json.loads(told(terminal, "show", "2", "--format", "json"))
    assert [version["change"] for version in facts["history"]] == ["written", "retired"]
    assert facts["retired"] is True

    result = terminal.type("articles", "show", "KB-9")
    assert result.code == 2
    assert "There is no article" in result.err


def test_all_articles_are_exported_and_no_text_is_a_formula(terminal: Terminal) -> None:
    rows = list(csv.DictReader(io.StringIO(told(terminal, "export").removeprefix("\ufeff"))))

    assert [(row["article"], row["case"], row["retired"]) for row in rows] == [
        ("KB-1", "CSP-7", "False"), ("KB-2", "", "True"),
    ]  # fmt: skip
    assert rows[0]["steps"] == "'=1+1 清除[bold]旧凭据"
