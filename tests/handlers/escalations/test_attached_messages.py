"""“Attach to a case” on a message: the case is found or asked for, and the message kept once, as it was written."""

import json
from typing import Any

import pytest

from handlers.blocks import case_history
from handlers.i18n.words import LANGUAGES, Words
from models.rules.escalations.escalation import HistoryEntry, Move, Turn
from tests.handlers import payloads
from tests.handlers.harness import HandlerResult, Stage
from tests.handlers.member import Member

Json = dict[str, Any]
SR = "625112200012345"
LINK = "https://csp.slack.com/archives/C0HELP/p1795000000000200"


def attach(who: Member, text: str, **message: Any) -> HandlerResult:
    """The shortcut, used on a message."""
    return who.stage.deliver(shortcut(who, text, **message))


def shortcut(who: Member, text: str, **message: Any) -> Json:
    payload = payloads.message_shortcut(who.user, who.trigger, text, who.team, "attach_message")
    return {**payload, "message": {**payload["message"], **message}}


def notes(stage: Stage, number: int = 1) -> list[HistoryEntry]:
    return [entry for entry in stage.queries.history(number) if entry.move is Move.NOTE]


def offered(heard: HandlerResult) -> list[str]:
    """The action ids of the buttons in the private answer."""
    blocks = heard.told[-1]["blocks"]
    return [one["action_id"] for block in blocks if block["type"] == "actions" for one in block["elements"]]


def submitted(who: Member) -> None:
    """A case that was submitted to 21Vianet and waits for its first response."""
    number = who.raise_one()
    who.command(f"CSP-{number} SR {SR}")


@pytest.mark.parametrize("text", ["About CSP-1: please send logs", f"[{SR}] Please send logs", f"{SR}：请提供日志"])
def test_a_message_that_names_one_case_is_kept_in_its_history_at_once(stage: Stage, emma: Member, text: str) -> None:
    submitted(emma)

    heard = attach(emma, text)

    (note,) = notes(stage)
    assert (note.text, note.by, note.changes) == (text, "U0EMMA", {"link": [None, LINK]})
    assert "history of CSP-1" in heard.words


def test_the_answer_offers_our_turn_and_the_first_response_while_it_is_awaited(stage: Stage, emma: Member) -> None:
    submitted(emma)
    heard = attach(emma, f"{SR} Which users?")
    assert offered(heard) == ["card.contact", "card.turn.ours", "look.show"]

    emma.press("turn.ours")
    assert stage.escalation().turn is Turn.OURS
    assert offered(attach(emma, f"{SR} Which tenant?")) == ["card.contact", "look.show"]

    emma.press("contact")
    assert offered(attach(emma, f"{SR} And since when?")) == ["look.show"]


def test_the_same_press_and_the_same_message_are_kept_once_and_an_edited_one_again(stage: Stage, emma: Member) -> None:
    submitted(emma)
    payload = shortcut(emma, f"{SR} Which users?")

    first, second = stage.deliver(payload), stage.deliver(payload)
    third = attach(Member(stage, "U0WANG"), f"{SR} Which users?")

    assert len(notes(stage)) == 1
    assert all(heard.told for heard in (first, second, third))
    attach(emma, f"{SR} Which users? All?", edited={"ts": "1795000000.000300"})
    assert [note.text for note in notes(stage)] == [f"{SR} Which users?", f"{SR} Which users? All?"]


def test_a_message_that_names_no_case_asks_with_ones_own_open_cases(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    emma.raise_one(title="Second")

    heard = attach(emma, "Please send logs")

    assert (heard.told, notes(stage), emma.fields) == ([], [], ["case", "case_name", "note"])
    assert "Second" in json.dumps(emma.modal["blocks"])
    emma.fill(case='{"n": 2, "v": 1}')
    assert "history of CSP-2" in emma.submit().words
    assert [note.text for note in notes(stage, 2)] == ["Please send logs"]
    assert notes(stage, 2)[0].changes["link"] == [None, LINK]


def test_a_message_that_names_several_cases_asks_which(stage: Stage, emma: Member) -> None:
    for _ in range(3):
        emma.raise_one()

    attach(emma, "CSP-1 and CSP-3 have one cause")

    options = next(block for block in emma.modal["blocks"] if block["block_id"] == "case")["element"]["options"]
    assert [json.loads(one["value"])["n"] for one in options] == [1, 3]
    assert [notes(stage, number) for number in (1, 2, 3)] == [[], [], []]


def test_the_number_of_two_cases_asks_which(stage: Stage, emma: Member) -> None:
    submitted(emma)
    submitted(emma)

    attach(emma, f"{SR}: done")

    assert "case" in emma.fields


@pytest.mark.parametrize("typed", ["CSP-2", "2", "csp2", SR])
def test_another_case_is_typed_by_its_name_or_its_number(stage: Stage, emma: Member, typed: str) -> None:
    emma.raise_one()
    submitted(emma)
    attach(emma, "Please send logs")

    emma.fill(case_name=typed).submit()

    assert len(notes(stage, 2)) == 1


@pytest.mark.parametrize(("typed", "sentence"), [("CSP-99", "No case has"), ("", "fill this in"), (SR, "CSP-1, CSP-2")])
def test_what_names_no_case_or_several_is_said_under_the_field(
    stage: Stage, emma: Member, typed: str, sentence: str
) -> None:
    submitted(emma)
    submitted(emma)
    attach(emma, "Please send logs")

    heard = emma.fill(case_name=typed).submit()

    assert sentence in heard.errors["case_name"]
    assert [notes(stage, number) for number in (1, 2)] == [[], []]


def test_a_form_that_is_submitted_twice_keeps_the_message_once(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    attach(emma, "Please send logs")
    emma.fill(case_name="CSP-1")
    view = emma.modal

    stage.deliver(payloads.submission(emma.user, emma.trigger, view, emma.team))
    stage.deliver(payloads.submission(emma.user, emma.trigger, view, emma.team))

    assert len(notes(stage)) == 1


def test_a_case_of_another_workspace_is_neither_found_nor_written(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    assert stage.queries.named_in("CSP-1", "T0OTHER") == []
    assert [case.number for case in stage.queries.named_in("CSP-1 CSP-9", emma.team)] == [1]


@pytest.mark.parametrize(
    "forged",
    [
        "", "[]", '{"key": "k"}', '{"key": "k", "link": "javascript:alert(1)", "answer_at": ""}',
        '{"key": "k", "link": "https://x.cn/archives/C1/p1> <!channel>", "answer_at": ""}',
    ],
)  # fmt: skip
def test_metadata_of_somebody_elses_making_stores_nothing(stage: Stage, emma: Member, forged: str) -> None:
    emma.raise_one()
    attach(emma, "Please send logs")

    heard = emma.fill(case_name="CSP-1").submit(private_metadata=forged)

    assert "can't be read" in " ".join(heard.errors.values())
    assert notes(stage) == []


def test_marks_in_a_message_stay_text_in_the_history(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    raw = "CSP-1 <!channel> <@U0WANG> <https://evil.cn|Click> <mailto:a@b.cn|a@b.cn> &lt;!here&gt;"
    payload = shortcut(emma, "")
    stage.deliver({**payload, "message": {**payload["message"], "text": raw}})

    (note,) = notes(stage)

    assert note.text == "CSP-1 @channel @U0WANG Click (https://evil.cn) a@b.cn <!here>"
    blocks = [{"type": "rich_text", "elements": case_history.entry(note, Words.of("en"), {"type": "text", "text": "E"},
              stage.services.policy)}]  # fmt: skip
    assert {one["type"] for one in _elements(blocks) if "elements" not in one} == {"text", "link", "date"}
    assert [one["url"] for one in _elements(blocks) if one["type"] == "link"] == [LINK]


def test_a_forwarded_message_and_a_mail_that_came_as_a_file_are_kept_whole(stage: Stage, emma: Member) -> None:
    submitted(emma)
    mail = {"title": f"Re: [{SR}]", "plain_text": "Please send the logs."}
    attach(emma, "fyi", attachments=[{"title": "21Vianet", "text": "Which users?"}, "?"], files=[mail])

    assert [note.text for note in notes(stage)] == [f"fyi\n21Vianet\nWhich users?\nRe: [{SR}]\nPlease send the logs."]


def test_a_long_message_is_cut_and_one_without_text_is_asked_for(stage: Stage, emma: Member) -> None:
    submitted(emma)
    attach(emma, f"{SR} " + "云" * 4000)
    assert len(notes(stage)[0].text) == 3000

    attach(emma, "")
    assert emma.fields == ["case", "case_name", "note"]


def test_a_message_whose_address_slack_does_not_give_is_kept_without_it(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    stage.slack.refuses = "channel_not_found"
    attach(emma, "CSP-1 Please send logs")

    assert [note.changes for note in notes(stage)] == [{}]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_and_the_line_in_the_history_fit(stage: Stage, emma: Member, language: str) -> None:
    emma.raise_one(title="云" * 150)
    attach(emma, "云" * 3000)
    attach(emma, "CSP-1 云")
    (note,) = notes(stage)
    line = case_history.entry(note, Words.of(language), {"type": "text", "text": "E"}, stage.services.policy)
    assert "📎" in json.dumps(line, ensure_ascii=False)


def _elements(blocks: list[Json]) -> list[Json]:
    inner = [one for block in blocks for one in block.get("elements", ())]
    return [*inner, *(_elements(inner) if inner else [])]
