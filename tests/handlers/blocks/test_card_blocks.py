"""Everything the handlers can draw, for every status and kind, in each language, with the worst that people type."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handlers.blocks import (
    action_forms,
    block_kit,
    card,
    card_buttons,
    case_history,
    command_answers,
    home_cases,
    raise_form,
    vendor_text,
)
from handlers.blocks.home_cases import HomeCases, OwnCase
from handlers.i18n import labels
from handlers.i18n.subcommands import TypedCommand, parse_command
from handlers.i18n.words import Words
from models.escalations.queries import EscalationPage
from models.rules.escalations.deadlines import AwaitedStep, Deadline
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, ParentBond, Status, Turn
from models.rules.escalations.request import TITLE_LIMIT, RequestKind
from models.rules.escalations.transitions import list_moves
from models.rules.policy import reader
from tests.handlers import block_limits
from tests.handlers.escalation_samples import NOW, cleaned, life, stations
from tests.handlers.hostile_texts import TEXTS

POLICY = reader.load_packaged()
ZONE = ZoneInfo("Asia/Shanghai")
RAISER = "王伟 <!here> & *Wei*"
ACTOR = block_kit.run(RAISER, "bold")
KINDS = pytest.mark.parametrize("kind", RequestKind)
LANGUAGES = pytest.mark.parametrize(
    "words", [Words.of(one) for one in ("en", "zh_CN", "both")], ids=["en", "zh", "both"]
)
SPEAKING = [*product(["both"], TEXTS), *product(["en", "zh_CN"], ["plain", "ampersands", "broadcast"])]
"""The longest words with every text, and each language with a text of each sort."""
TYPED = pytest.mark.parametrize(
    ("text", "words"), [(TEXTS[name], Words.of(one)) for one, name in SPEAKING], ids=[f"{n}-{o}" for o, n in SPEAKING]
)

Json = dict[str, Any]
Lives = dict[tuple[RequestKind, str], list[tuple[Escalation, HistoryEntry]]]


@pytest.fixture(scope="module")
def lives() -> Lives:
    """The lives of all kinds with all texts: drawn often, lived once."""
    return {(kind, text): list(life(kind, text)) for kind, text in product(RequestKind, TEXTS.values())}


@KINDS
def test_the_sample_lives_pass_through_every_status(kind: RequestKind) -> None:
    assert set(stations(kind)) == set(Status)


TAG = re.compile(r"<@\w+>")


def home_blocks(case: Escalation, words: Words) -> list[Json]:
    """The cases of a full Home tab: overdue ones and others, and some that nobody owns."""
    own = [OwnCase(case, Deadline(step, NOW, NOW + timedelta(hours=n - 3))) for n, step in enumerate(AwaitedStep)]
    return home_cases.blocks(HomeCases(own * 3, [case] * 5, 12345, 12345, 10), words, ZONE, NOW)


@TYPED
@KINDS
def test_a_card_is_valid_and_literal(kind: RequestKind, text: str, words: Words, lives: Lives) -> None:
    for escalation, _ in lives[kind, text]:
        blocks = card.blocks(escalation, words, POLICY, RAISER, NOW)
        fallback = block_kit.fallback_text(blocks)
        report = block_limits.message(blocks, fallback)
        owner = [f"<@{escalation.owner}>"] if escalation.owner else []
        assert set(report.pings) <= {*owner, "<@U0LINA>"}
        assert block_kit.clip(escalation.title, 100)[:90] in block_limits.read(blocks)
        assert escalation.title[:40] in html.unescape(fallback)
        if len(text) < 100:
            assert set(owner) <= set(TAG.findall(fallback))
            assert words(labels.SEVERITY[escalation.current_severity]) in fallback


@KINDS
def test_a_fresh_card_rings_for_nobody(kind: RequestKind) -> None:
    fresh = next(life(kind, TEXTS["broadcast"]))[0]
    assert block_limits.message(card.blocks(fresh, Words.of("both"), POLICY, RAISER, NOW)).pings == []


@KINDS
@LANGUAGES
def test_a_card_offers_every_move_that_is_possible_and_no_menu_is_cut(kind: RequestKind, words: Words) -> None:
    for escalation, _ in life(kind):
        elements = card.blocks(escalation, words, POLICY, "Wang", NOW)[2]["elements"]
        menu = elements[-1]["options"]
        offered = {element["action_id"] for element in elements[:-1]} | {one["value"].partition(" ")[0] for one in menu}
        moves = [f"card.{move}" for move in list_moves(escalation) if move is not Move.TURN]
        others = {*Turn} - {escalation.turn} - (set() if escalation.is_with_vendor else {Turn.VENDOR})
        turns = [f"card.turn.{turn}" for turn in others]
        possible = {*moves, *(turns if Move.TURN in list_moves(escalation) else [])}
        texts = {"look.copy", *(["look.customer_text"] if kind is RequestKind.CUSTOMER else [])}
        views = {"look.history", "look.picture", "article.keep", "children.inform", "children.resolve"}
        assert possible | texts | {"look.history", "look.picture"} <= offered <= possible | texts | views
        assert len(elements) <= 4, "at most three buttons and the menu"


@KINDS
@LANGUAGES
def test_button_texts_are_short_enough_to_be_read_whole(kind: RequestKind, words: Words) -> None:
    for escalation, _ in life(kind):
        elements = card.blocks(escalation, words, POLICY, "Wang", NOW)[2]["elements"]
        assert [len(element["text"]["text"]) <= 30 for element in elements[:-1]] == [True] * (len(elements) - 1)


@TYPED
@KINDS
def test_a_line_of_the_thread_is_valid_and_literal(kind: RequestKind, text: str, words: Words, lives: Lives) -> None:
    for escalation, entry in lives[kind, text]:
        blocks = [block_kit.rich(*case_history.entry(entry, words, ACTOR, POLICY))]
        if entry.move is Move.RAISE:
            blocks += case_history.details(escalation, words, ZONE)
            assert cleaned(text, 3000) in block_limits.read(blocks)
        fallback = block_kit.fallback_text(blocks)
        report = block_limits.message(blocks, fallback)
        assert report.pings == (["<@U0EMMA>"] if entry.move is Move.HAND_OVER else [])
        assert entry.text in block_limits.read(blocks)
        assert entry.text[:100].strip() in html.unescape(fallback)


@TYPED
@KINDS
def test_the_confirmation_with_the_text_to_copy_is_valid_and_whole(
    kind: RequestKind, text: str, words: Words, lives: Lives
) -> None:
    escalation = lives[kind, text][0][0]
    copied = vendor_text.text(escalation, POLICY, ZONE)
    way = vendor_text.find_filing_path(escalation, words, POLICY)
    shown = raise_form.created_view(escalation.name, copied, way, words)
    block_limits.view(shown)
    report = block_limits.message(vendor_text.paste(copied, way, words))
    assert report.pings == []
    assert copied in block_limits.read(shown["blocks"])
    for field in (escalation.title, escalation.details, escalation.answers["impact"], escalation.answers["tried"]):
        assert field in copied


@TYPED
@KINDS
def test_every_small_form_is_valid_and_literal(kind: RequestKind, text: str, words: Words, lives: Lives) -> None:
    for escalation in {e.status: e for e, _ in lives[kind, text]}.values():
        for move in set(list_moves(escalation)) - action_forms.WITHOUT_FORM:
            drawn = action_forms.view(escalation, move, words, POLICY, '{"n": 7, "v": 1}')
            block_limits.view(drawn)
            assert block_kit.clip(escalation.title, 100)[:90] in block_limits.read(drawn["blocks"])
            if move is Move.CORRECT:
                assert escalation.details in block_limits.read(drawn["blocks"])


@TYPED
@KINDS
def test_lists_and_histories_are_valid_and_literal(kind: RequestKind, text: str, words: Words, lives: Lives) -> None:
    lived = lives[kind, text]
    shown = EscalationPage([e for e, _ in lived[:5]], 5, True)
    page = command_answers.page(
        words("Results for “{query}”", query=block_kit.clip(text, 100)), shown, "search", text, words, NOW
    )
    block_limits.message(page)
    assert block_kit.clip(text, 100)[:50] in block_limits.read(page)
    first, more = lived[0][0], [entry for _, entry in lived]
    for at in range(0, len(more), command_answers.HISTORY_SIZE):
        block_limits.message(
            command_answers.history(first, more[at : at + command_answers.HISTORY_SIZE + 1], at, words, POLICY)
        )
    block_limits.view({"type": "home", "blocks": home_blocks(first, words)}, "home")


@TYPED
def test_an_unknown_command_is_repeated_to_the_letter(text: str, words: Words) -> None:
    blocks = command_answers.unknown(TypedCommand(text[:5], "", text), words)
    assert block_limits.message(blocks, block_kit.fallback_text(blocks)).pings == []
    assert block_kit.clip(text, 100)[:90] in block_limits.read(blocks)


@LANGUAGES
@KINDS
def test_slack_sdk_agrees_with_every_drawing(kind: RequestKind, words: Words, lives: Lives) -> None:
    lived = lives[kind, TEXTS["ampersands"]]
    for escalation, entry in lived:
        block_limits.slack_sdk_agrees(card.blocks(escalation, words, POLICY, RAISER, NOW))
        block_limits.slack_sdk_agrees([block_kit.rich(*case_history.entry(entry, words, ACTOR, POLICY))])
    for escalation in {e.status: e for e, _ in lived}.values():
        for move in set(list_moves(escalation)) - action_forms.WITHOUT_FORM:
            block_limits.slack_sdk_takes(action_forms.view(escalation, move, words, POLICY, "{}"))
    page = EscalationPage([e for e, _ in lived[:5]], 5, True)
    block_limits.slack_sdk_agrees(command_answers.page("Yours", page, "mine", "", words, NOW))
    block_limits.slack_sdk_takes({"type": "home", "blocks": home_blocks(lived[0][0], words)})
    block_limits.slack_sdk_agrees(command_answers.list_commands(words))
    first = lived[0][0]
    block_limits.slack_sdk_takes(
        raise_form.created_view(
            first.name, vendor_text.text(first, POLICY, ZONE), vendor_text.find_filing_path(first, words, POLICY), words
        )
    )


def test_each_subcommand_of_the_chinese_help_is_typed_in_chinese_and_understood_as_in_english() -> None:
    english, chinese = (
        re.findall(
            r"^`/csp-escalate (.+?)`", block_limits.read(command_answers.list_commands(Words.of(language))), re.M
        )
        for language in ("en", "zh_CN")
    )

    assert len(english) == len(chinese)
    for one, other in zip(english, chinese, strict=True):
        if not one.startswith("CSP"):
            assert re.match(r"[\u4e00-\u9fff]", other), other
            assert parse_command(other).verb == parse_command(one).verb


@TYPED
@KINDS
def test_what_people_type_never_gets_into_a_text_that_slack_parses(
    kind: RequestKind, text: str, words: Words, lives: Lives
) -> None:
    marker = "Zebra"
    marked = next(life(kind, f"{marker} {text}"[:3000]))[0]
    drawn: Sequence[Json] = [
        *card.blocks(marked, words, POLICY, marker, NOW),
        *command_answers.page(marker, EscalationPage([marked], 0, False), "list", marker, words, NOW),
        *vendor_text.paste(
            vendor_text.text(marked, POLICY, ZONE), vendor_text.find_filing_path(marked, words, POLICY), words
        ),
    ]
    assert block_limits.typed_in_parsed(drawn, marker) == []


def facts_of(escalation: Escalation) -> dict[str, str]:
    """Label and value of a card, in English; instants as seconds."""
    facts = card.facts(escalation, Words.of("en"), POLICY, NOW)
    return {label: "".join(str(e.get("text") or e.get("timestamp") or e["user_id"]) for e in v) for label, v in facts}


def test_a_card_says_until_when_it_must_be_acknowledged_while_nobody_did() -> None:
    stages = stations(RequestKind.CUSTOMER)

    by = int(NOW.timestamp()) + 3 * 60  # severity A
    assert facts_of(next(life(RequestKind.CUSTOMER))[0])["Acknowledge by"] == str(by)
    assert "Acknowledge by" in facts_of(stages[Status.REOPENED])
    assert "Acknowledge by" not in facts_of(stages[Status.ACKNOWLEDGED])


def test_a_withdrawn_card_says_who_withdrew_it_and_why() -> None:
    facts = facts_of(stations(RequestKind.CUSTOMER, "Solved by phone")[Status.WITHDRAWN])

    assert facts["Withdrawn"].startswith("U0LINA")
    assert facts["Reason"] == "Solved by phone"


def test_a_reopened_card_shows_why_and_no_fix_as_if_it_held() -> None:
    facts = facts_of(stations(RequestKind.CUSTOMER, "It is back")[Status.REOPENED])

    assert (facts["Why it was reopened"], facts["Previous resolution"]) == ("It is back", "It is back")
    assert not {"Resolution", "Reason", "Withdrawn"} & set(facts)


def test_a_snoozed_card_says_until_when_by_whom_and_why() -> None:
    snoozed = next(e for e, _ in life(RequestKind.CUSTOMER, "Monday") if e.snoozed_until and e.owner)

    assert snoozed.snoozed_until
    assert facts_of(snoozed)["💤 Snoozed until"] == f"{int(snoozed.snoozed_until.timestamp())} · U0LINA: Monday"


def test_a_card_whose_snooze_is_over_neither_says_so_nor_offers_to_wake_it() -> None:
    snoozed = next(e for e, _ in life(RequestKind.CUSTOMER, "Monday") if e.snoozed_until and e.owner)
    assert snoozed.snoozed_until
    asleep, awake = (
        str(card.blocks(snoozed, Words.of("en"), POLICY, "Wang", at)) for at in (NOW, snoozed.snoozed_until)
    )

    assert [said for said in ("💤", "End snooze") if said not in asleep] == []
    assert [said for said in ("💤", "End snooze") if said in awake] == []


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

    end = action_forms.snooze_end(at, timedelta(hours=longest), ZONE)

    assert f"{end.astimezone(ZONE):%Y-%m-%d %H:%M}" == offered
    assert at < end <= at + timedelta(hours=longest)


@LANGUAGES
def test_a_title_as_long_as_allowed_stays_recognisable_on_the_card(words: Words) -> None:
    escalation = stations(RequestKind.CUSTOMER, "长" * 3000)[Status.OPEN]
    header = card.blocks(escalation, words, POLICY, "Wang", NOW)[0]["text"]["text"]
    assert len(header) <= 150 < TITLE_LIMIT + len("🔴 CSP-7 · ")
    assert header.startswith("🔴 CSP-7 · 长")
    assert header.endswith("…")


def test_a_service_that_left_the_policy_is_still_shown_by_its_key() -> None:
    old = next(life(RequestKind.CUSTOMER))[0].model_copy(update={"service": "<!channel>"})
    blocks = card.blocks(old, Words.of("en"), POLICY, "Wang", NOW)
    assert block_limits.message(blocks).pings == []
    assert "<!channel>" in block_limits.read(blocks)


def test_a_case_that_will_follow_an_incident_asks_for_no_review_and_no_number_of_its_own() -> None:
    alone = stations(RequestKind.CUSTOMER)[Status.OPEN]
    attached = alone.model_copy(update={"parent": 1, "parent_bond": ParentBond.ACKNOWLEDGE, "answers": {}})

    shown = [button["text"]["text"] for button in card_buttons.buttons(attached, Words.of("en"), NOW)[:-1]]
    assert shown == ["Acknowledge", "Mark customer informed", "Add a note"]
    assert not {"Review", "❓ Still missing"} & set(facts_of(attached))
