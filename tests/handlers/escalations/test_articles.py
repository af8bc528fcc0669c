"""Keeping, finding, confirming, editing and retiring knowledge articles in Slack."""

import json
from datetime import timedelta
from typing import Any

import pytest

from handlers import ids
from handlers.blocks.similar_cases import read_names
from models.rules.escalations.articles import ArticleText
from models.rules.escalations.escalation import Move
from tests.handlers import block_limits, payloads
from tests.handlers.harness import Stage
from tests.handlers.hostile_texts import TEXTS
from tests.handlers.member import Member
from tests.models.samples import CHANNEL, NOW, WANG, customer_request, step

TEXT = ArticleText("Outlook 反复要求输入密码", "m365", "0x8004010F", "清除旧凭据", "https://example.com/kb")


@pytest.fixture
def solved(stage: Stage) -> int:
    """The number of a case that was solved."""
    request = customer_request(service="m365", title="Outlook 反复要求输入密码", details="登录窗口 0x8004010F")
    number = stage.commands.raise_escalation(request, CHANNEL, WANG, NOW, "past").number
    return stage.commands.move(number, step(Move.RESOLVE, text="清除旧凭据"), "fix").number


def keep(member: Member, number: int = 1) -> Any:
    """Choose “Keep as article” in the menu of a case."""
    return member.choose("article.keep", number)


def test_a_solved_case_is_kept_as_an_article_with_its_words(stage: Stage, wang: Member, solved: int) -> None:
    keep(wang, solved)
    assert {name: wang.value(name) for name in wang.fields} == {
        "title": "Outlook 反复要求输入密码", "service": "m365", "codes": "0x8004010F",
        "steps": "清除旧凭据", "link": None,
    }  # fmt: skip

    heard = wang.fill(link="https://learn.microsoft.com/outlook").submit()

    said = block_limits.read(heard.ack["view"]["blocks"])
    assert "KB-1 · Outlook 反复要求输入密码" in said
    assert "CSP-1" in said
    kept = stage.services.articles.all()
    assert [(article.case, article.text.link) for article in kept] == [(1, "https://learn.microsoft.com/outlook")]


@pytest.mark.usefixtures("solved")
def test_a_link_that_is_not_https_is_refused_under_its_field(stage: Stage, wang: Member) -> None:
    keep(wang)

    errors = wang.fill(link="http://example.com").submit().errors

    assert list(errors) == ["link"]
    assert stage.services.articles.all() == []


def test_a_case_without_a_fix_is_not_kept(stage: Stage, emma: Member) -> None:
    emma.raise_one()

    assert "is not solved" in keep(emma).text
    assert stage.services.articles.all() == []


def test_articles_are_listed_searched_and_shown_privately(stage: Stage, emma: Member) -> None:
    stage.services.articles.write(TEXT, WANG, NOW, "1")
    stage.services.articles.write(ArticleText("Mail bounces", "", "", "Ask 21Vianet"), WANG, NOW, "2")

    listed = emma.command("articles")
    assert listed.told[0]["response_type"] == "ephemeral"
    assert listed.words.index("KB-2") < listed.words.index("KB-1")
    assert "KB-2" not in emma.command("articles 密码").words
    assert "No article found" not in emma.command("知识 密码").words
    shown = emma.command("articles KB-1").words
    assert "清除旧凭据" in shown
    assert "https://example.com/kb" in str(emma.command("articles KB-1").told)
    assert "There is no article KB-9" in emma.command("articles KB-9").text


def test_a_stale_article_says_so_until_somebody_confirms_it(stage: Stage, emma: Member) -> None:
    stage.services.articles.write(TEXT, WANG, NOW, "1")
    stage.later(timedelta(days=181))
    assert "stale" in emma.command("articles").words
    assert "Not confirmed for 180 days" in emma.command("articles KB-1").words

    heard = emma.button("article.confirm", "KB-1")

    assert "Not confirmed" not in heard.words
    assert "Last confirmed by: Emma" in heard.words
    assert "stale" not in emma.command("articles").words


def test_only_its_author_and_leads_edit_and_retire(stage: Stage, emma: Member, wang: Member, lina: Member) -> None:
    stage.services.articles.write(TEXT, WANG, NOW, "1")
    wang.command("help")  # whoever was met is known by name

    assert "who wrote it, or a lead" in emma.button("article.retire", "KB-1").text
    assert "who wrote it, or a lead" in emma.button("article.edit", "KB-1").text
    wang.button("article.edit", "KB-1")
    wang.fill(title="Outlook 总是要求输入密码").submit()
    retired = lina.button("article.retire", "KB-1")

    assert "已停用" in retired.words
    assert stage.services.articles.all() == []
    assert [version.change for version in stage.services.articles.all(retired=True)[0].versions] == [
        "written", "edited", "retired",
    ]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_any_text_can_be_kept_and_shown(stage: Stage, emma: Member, text: str) -> None:
    written = ArticleText(f"x {text}"[:150], "", text[:200], f"x {text}"[:3000])
    stage.services.articles.write(written, WANG, NOW, "1")

    assert emma.command("articles").told
    assert emma.command("articles KB-1").told


def test_an_article_solves_a_request_from_the_form(stage: Stage, emma: Member) -> None:
    stage.services.articles.write(TEXT, WANG, NOW, "1")
    emma.command()
    emma.fill(
        kind="customer", customer_name=("Not in the list: 蓝天", "typed:蓝天"), service="m365", severity="B",
        title="Outlook 一直弹出密码", details="0x8004010F",
    )  # fmt: skip
    assert read_names(emma.modal) == ["KB-1"]

    for action in ("similar.show", "similar.solved"):
        acted = payloads.button(action, "KB-1")
        stage.deliver(payloads.view_click("U0EMMA", emma.trigger, emma.modal, acted))
        if action == "similar.show":
            assert emma.modal["title"]["text"] == "KB-1"
            stage.slack.surfaces.close("U0EMMA", emma.modal["id"])

    case = stage.escalation()
    assert (case.solved_by_article, case.fix) == (1, "as KB-1: 清除旧凭据")
    history = emma.command("history CSP-1").words
    assert ("as KB-1: 清除旧凭据" in history, "in the same way as KB-1" in history) == (True, False)
    told = emma.command("articles KB-1")
    assert "CSP-1 was solved by Emma" in told.words
    assert ids.SHOW in json.dumps(told.told)


@pytest.mark.parametrize("tampered", ["", "KB-", "CSP-1", "KB-9999999999", json.dumps({"n": 1})])
def test_a_tampered_button_is_refused(stage: Stage, emma: Member, tampered: str) -> None:
    stage.services.articles.write(TEXT, WANG, NOW, "1")

    assert emma.button("article.retire", tampered).text
    assert len(stage.services.articles.all()) == 1
