"""Everything the handlers can draw, for every status and kind, in each language, with the worst that people type."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handlers.blocks import card, filing, form, kit, lists, sheets, timeline
from handlers.words import Words, terms
from handlers.words.commands import Typed
from models import policy
from models.board import Page
from models.escalation import Entry, Escalation, Move, Status
from models.moves import moves_from
from models.request import TITLE_LIMIT, Kind
from tests.handlers import judge
from tests.handlers.lives import NOW, cleaned, life, stations
from tests.handlers.texts import TEXTS

POLICY = policy.packaged()
ZONE = ZoneInfo("Asia/Shanghai")
RAISER = "王伟 <!here> & *Wei*"
ACTOR = kit.run(RAISER, "bold")
KINDS = pytest.mark.parametrize("kind", Kind)
LANGUAGES = pytest.mark.parametrize(
    "words", [Words.of(one) for one in ("en", "zh_CN", "both")], ids=["en", "zh", "both"]
)
SPEAKING = [*product(["both"], TEXTS), *product(["en", "zh_CN"], ["plain", "ampersands", "broadcast"])]
"""The longest words with every text, and each language with a text of each sort."""
TYPED = pytest.mark.parametrize(
    ("text", "words"), [(TEXTS[name], Words.of(one)) for one, name in SPEAKING], ids=[f"{n}-{o}" for o, n in SPEAKING]
)

Json = dict[str, Any]
Lives = dict[tuple[Kind, str], list[tuple[Escalation, Entry]]]


@pytest.fixture(scope="module")
def lives() -> Lives:
    """The lives of all kinds with all texts: drawn often, lived once."""
    return {(kind, text): list(life(kind, text)) for kind, text in product(Kind, TEXTS.values())}


@KINDS
def test_the_sample_lives_pass_through_every_status(kind: Kind) -> None:
    assert set(stations(kind)) == set(Status)


TAG = re.compile(r"<@\w+>")


@TYPED
@KINDS
def test_a_card_is_valid_and_literal(kind: Kind, text: str, words: Words, lives: Lives) -> None:
    for escalation, _ in lives[kind, text]:
        blocks = card.blocks(escalation, words, POLICY, RAISER, NOW)
        fallback = kit.spoken(blocks)
        report = judge.message(blocks, fallback)
        owner = [f"<@{escalation.owner}>"] if escalation.owner else []
        assert set(report.pings) <= {*owner, "<@U0LINA>"}
        assert kit.clip(escalation.title, 100)[:90] in judge.read(blocks)
        assert escalation.title[:40] in html.unescape(fallback)
        if len(text) < 100:
            assert set(owner) <= set(TAG.findall(fallback))
            assert words(terms.SEVERITY[escalation.severity]) in fallback


@KINDS
def test_a_fresh_card_rings_for_nobody(kind: Kind) -> None:
    fresh = next(life(kind, TEXTS["broadcast"]))[0]
    assert judge.message(card.blocks(fresh, Words.of("both"), POLICY, RAISER, NOW)).pings == []


@KINDS
@LANGUAGES
def test_a_card_offers_every_move_that_is_possible_and_no_menu_is_cut(kind: Kind, words: Words) -> None:
    for escalation, _ in life(kind):
        elements = card.blocks(escalation, words, POLICY, "Wang", NOW)[2]["elements"]
        menu = elements[-1]["options"]
        offered = {one["action_id"] for one in elements[:-1]} | {one["value"].partition(" ")[0] for one in menu}
        assert {f"card.{move}" for move in moves_from(escalation)} | {"look.copy", "look.history"} == offered
        assert 1 <= len(menu) <= 5


@KINDS
@LANGUAGES
def test_button_texts_are_short_enough_to_be_read_whole(kind: Kind, words: Words) -> None:
    for escalation, _ in life(kind):
        elements = card.blocks(escalation, words, POLICY, "Wang", NOW)[2]["elements"]
        assert [len(one["text"]["text"]) <= 30 for one in elements[:-1]] == [True] * (len(elements) - 1)


@TYPED
@KINDS
def test_a_line_of_the_thread_is_valid_and_literal(kind: Kind, text: str, words: Words, lives: Lives) -> None:
    for escalation, entry in lives[kind, text]:
        blocks = [kit.rich(*timeline.entry(entry, words, ACTOR, POLICY))]
        if entry.move is Move.RAISE:
            blocks.append(timeline.details(escalation, words, ZONE))
            assert cleaned(text, 3000) in judge.read(blocks)
        fallback = kit.spoken(blocks)
        report = judge.message(blocks, fallback)
        assert report.pings == (["<@U0EMMA>"] if entry.move is Move.HAND_OVER else [])
        assert entry.text in judge.read(blocks)
        assert entry.text[:100].strip() in html.unescape(fallback)


@TYPED
@KINDS
def test_the_confirmation_with_the_text_to_copy_is_valid_and_whole(
    kind: Kind, text: str, words: Words, lives: Lives
) -> None:
    escalation = lives[kind, text][0][0]
    copied = filing.text(escalation, POLICY, ZONE)
    way = filing.way(escalation, words, POLICY)
    shown = form.recorded(escalation.name, copied, way, words)
    judge.view(shown)
    report = judge.message(form.paste(copied, way, words))
    assert report.pings == []
    assert copied in judge.read(shown["blocks"])
    for field in (escalation.title, escalation.details, escalation.answers["impact"], escalation.answers["tried"]):
        assert field in copied


@TYPED
@KINDS
def test_every_small_form_is_valid_and_literal(kind: Kind, text: str, words: Words, lives: Lives) -> None:
    for escalation in {e.status: e for e, _ in lives[kind, text]}.values():
        for move in set(moves_from(escalation)) - sheets.WITHOUT_SHEET:
            drawn = sheets.view(escalation, move, words, POLICY, '{"n": 7, "v": 1}')
            judge.view(drawn)
            assert kit.clip(escalation.title, 100)[:90] in judge.read(drawn["blocks"])
            if move is Move.CORRECT:
                assert escalation.details in judge.read(drawn["blocks"])


@TYPED
@KINDS
def test_lists_and_histories_are_valid_and_literal(kind: Kind, text: str, words: Words, lives: Lives) -> None:
    lived = lives[kind, text]
    shown = Page([e for e, _ in lived[:5]], 5, True)
    page = lists.page(words("Found for “{query}”", query=kit.clip(text, 100)), shown, "search", text, words, NOW)
    judge.message(page)
    assert kit.clip(text, 100)[:50] in judge.read(page)
    first, more = lived[0][0], [entry for _, entry in lived]
    for at in range(0, len(more), lists.HISTORY_SIZE):
        judge.message(lists.history(first, more[at : at + lists.HISTORY_SIZE], at, True, words, POLICY))
    home = lists.home(Page([first] * 10, 0, True), Page([first] * 10, 0, True), 12345, words, NOW)
    judge.view(home, "home")


@TYPED
def test_an_unknown_command_is_repeated_to_the_letter(text: str, words: Words) -> None:
    blocks = lists.unknown(Typed(text[:5], "", text), words)
    assert judge.message(blocks, kit.spoken(blocks)).pings == []
    assert kit.clip(text, 100)[:90] in judge.read(blocks)


@LANGUAGES
@KINDS
def test_slack_sdk_agrees_with_every_drawing(kind: Kind, words: Words, lives: Lives) -> None:
    lived = lives[kind, TEXTS["ampersands"]]
    for escalation, entry in lived:
        judge.slack_sdk_agrees(card.blocks(escalation, words, POLICY, RAISER, NOW))
        judge.slack_sdk_agrees([kit.rich(*timeline.entry(entry, words, ACTOR, POLICY))])
    for escalation in {e.status: e for e, _ in lived}.values():
        for move in set(moves_from(escalation)) - sheets.WITHOUT_SHEET:
            judge.slack_sdk_takes(sheets.view(escalation, move, words, POLICY, "{}"))
    page = Page([e for e, _ in lived[:5]], 5, True)
    judge.slack_sdk_agrees(lists.page("Yours", page, "mine", "", words, NOW))
    judge.slack_sdk_takes(lists.home(page, page, 1, words, NOW))
    judge.slack_sdk_agrees(lists.help_(words))
    first = lived[0][0]
    judge.slack_sdk_takes(
        form.recorded(first.name, filing.text(first, POLICY, ZONE), filing.way(first, words, POLICY), words)
    )


@TYPED
@KINDS
def test_what_people_type_never_gets_into_a_text_that_slack_parses(
    kind: Kind, text: str, words: Words, lives: Lives
) -> None:
    marker = "Zebra"
    marked = next(life(kind, f"{marker} {text}"[:3000]))[0]
    drawn: Sequence[Json] = [
        *card.blocks(marked, words, POLICY, marker, NOW),
        *lists.page(marker, Page([marked], 0, False), "list", marker, words, NOW),
        *form.paste(filing.text(marked, POLICY, ZONE), filing.way(marked, words, POLICY), words),
    ]
    assert judge.typed_in_parsed(drawn, marker) == []


def facts_of(escalation: Escalation) -> dict[str, str]:
    """Label and value of a card, in English; instants as seconds."""
    facts = card.facts(escalation, Words.of("en"), POLICY, NOW)
    return {label: "".join(str(e.get("text") or e.get("timestamp") or e["user_id"]) for e in v) for label, v in facts}


def test_a_card_says_until_when_it_must_be_acknowledged_while_nobody_did() -> None:
    stages = stations(Kind.CUSTOMER)

    assert facts_of(next(life(Kind.CUSTOMER))[0])["Acknowledge by"] == str(int(NOW.timestamp()) + 5 * 60)  # severity A
    assert "Acknowledge by" in facts_of(stages[Status.REOPENED])
    assert "Acknowledge by" not in facts_of(stages[Status.ACKNOWLEDGED])


def test_a_withdrawn_card_says_who_withdrew_it_and_why() -> None:
    facts = facts_of(stations(Kind.CUSTOMER, "Solved by phone")[Status.WITHDRAWN])

    assert facts["Withdrawn"].startswith("U0LINA")
    assert facts["Reason"] == "Solved by phone"


def test_a_reopened_card_shows_why_and_no_fix_as_if_it_held() -> None:
    facts = facts_of(stations(Kind.CUSTOMER, "It is back")[Status.REOPENED])

    assert (facts["Why it was reopened"], facts["What fixed it before"]) == ("It is back", "It is back")
    assert not {"What fixed it", "Reason", "Withdrawn"} & set(facts)


def test_a_snoozed_card_says_until_when_by_whom_and_why() -> None:
    snoozed = next(e for e, _ in life(Kind.CUSTOMER, "Monday") if e.snoozed_until and e.owner)

    assert snoozed.snoozed_until
    assert facts_of(snoozed)["💤 Snoozed until"] == f"{int(snoozed.snoozed_until.timestamp())} · U0LINA: Monday"


def test_a_card_whose_snooze_is_over_neither_says_so_nor_offers_to_wake_it() -> None:
    snoozed = next(e for e, _ in life(Kind.CUSTOMER, "Monday") if e.snoozed_until and e.owner)
    assert snoozed.snoozed_until
    asleep, awake = (
        str(card.blocks(snoozed, Words.of("en"), POLICY, "Wang", at)) for at in (NOW, snoozed.snoozed_until)
    )

    assert [said for said in ("💤", "Wake now") if said not in asleep] == []
    assert [said for said in ("💤", "Wake now") if said in awake] == []


@pytest.mark.parametrize(
    ("local", "longest", "offered"),
    [
        ("2026-11-22 15:00", 30 * 24, "2026-11-23 09:00"),  # tomorrow morning
        ("2026-11-22 03:00", 30 * 24, "2026-11-22 09:00"),  # this morning, seen at night
        ("2026-11-22 08:30", 30 * 24, "2026-11-23 09:00"),  # too near
        ("2026-11-22 15:00:40", 4, "2026-11-22 16:00"),  # severity A
        ("2026-11-22 06:00", 4, "2026-11-22 09:00"),
    ],
)
def test_a_snooze_is_offered_to_end_in_the_morning_where_it_may_last_so_long(
    local: str, longest: int, offered: str
) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC)

    end = sheets.snooze_end(at, timedelta(hours=longest), ZONE)

    assert f"{end.astimezone(ZONE):%Y-%m-%d %H:%M}" == offered
    assert at < end <= at + timedelta(hours=longest)


@LANGUAGES
def test_a_title_as_long_as_allowed_stays_recognisable_on_the_card(words: Words) -> None:
    escalation = stations(Kind.CUSTOMER, "长" * 3000)[Status.OPEN]
    header = card.blocks(escalation, words, POLICY, "Wang", NOW)[0]["text"]["text"]
    assert len(header) <= 150 < TITLE_LIMIT + len("🔴 CSP-7 · ")
    assert header.startswith("🔴 CSP-7 · 长")
    assert header.endswith("…")


def test_a_service_that_left_the_policy_is_still_shown_by_its_key() -> None:
    old = next(life(Kind.CUSTOMER))[0].model_copy(update={"service": "<!channel>"})
    blocks = card.blocks(old, Words.of("en"), POLICY, "Wang", NOW)
    assert judge.message(blocks).pings == []
    assert "<!channel>" in judge.read(blocks)
