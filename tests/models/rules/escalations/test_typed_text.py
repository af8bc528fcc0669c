"""What people typed is separated from what proves the duty, put together again, and missing where it was erased."""

import json

import pytest

from models.rules.escalations import typed_text
from models.rules.escalations.escalation import HistoryEntry, Move
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.escalations.typed_text import ERASED, TypedText, join_changes, split_entry
from tests.models.samples import CHANNEL, LI, NOW, WANG, customer_request, step

CASE, RAISED = raise_escalation(customer_request(answers={"contact": "Liu Yang, 138 0013 8000"}), 7, CHANNEL, WANG, NOW)


def history() -> list[HistoryEntry]:
    """A case that is raised, corrected twice, recorded, resolved and reopened."""
    case, entries = CASE, [RAISED]
    for move in (
        step(Move.CORRECT, changes={"title": "Mail is dead", "contact": "Chen Jie", "severity": "C", "impact": "all"}),
        step(Move.CORRECT, LI, changes={"title": "No mail", "contact": ""}),
        step(Move.RECORD), step(Move.RESOLVE), step(Move.REOPEN),
    ):  # fmt: skip
        case, entry = advance(case, move)
        entries.append(entry)
    return entries


def joined(entry: HistoryEntry, own: TypedText, replaced: TypedText) -> HistoryEntry:
    """An entry as it is read again."""
    changes = join_changes(entry.move, entry.changes, own, replaced)
    return entry.model_copy(update={"text": entry.text or own.text, "changes": changes})


def test_what_is_separated_is_put_together_again_in_the_same_order() -> None:
    for entry in history():
        split = split_entry(entry)
        stored = [typed_text.parse_text(words.body) for words in (split.own, split.replaced)]

        again = joined(split.kept, *stored)

        assert again == entry
        assert json.dumps(again.changes) == json.dumps(entry.changes)


def test_history_keeps_no_word_that_somebody_typed() -> None:
    words = {"无法收发邮件", "All mail", "Restarted Outlook", "Liu Yang", "Chen Jie", "Mail flow", "It is back", "all"}

    kept = json.dumps([split_entry(entry).kept.model_dump(mode="json") for entry in history()], ensure_ascii=False)

    assert [word for word in words if f'"{word}' in kept] == []


def test_history_keeps_severity_company_and_request_number() -> None:
    raised, corrected, _, recorded, *_ = (split_entry(entry).kept for entry in history())

    assert raised.changes["customer_name"] == "上海蓝天科技有限公司"
    assert corrected.changes["severity"] == ["B", "C"]
    assert (recorded.text, recorded.changes["request_number"]) == ("625112200012345", [None, "625112200012345"])


def test_replaced_words_are_apart_from_the_words_of_who_replaced_them() -> None:
    split = split_entry(history()[2])

    assert split.own == TypedText(fields={"title": "No mail"})
    assert split.replaced == TypedText(fields={"title": "Mail is dead", "contact": "Chen Jie"})


def test_an_erased_text_reads_as_erased_and_what_was_empty_stays_empty() -> None:
    kept = split_entry(history()[2]).kept

    changes = joined(kept, TypedText(), TypedText()).changes

    assert changes == {"title": [ERASED, ERASED], "contact": [ERASED, None]}


@pytest.mark.parametrize(("move", "words"), [(Move.NOTE, True), (Move.RECORD, False), (Move.TURN, False)])
def test_only_words_are_stored_apart(move: Move, words: bool) -> None:
    case = CASE.model_copy(update={"owner": WANG.id})

    _, entry = advance(case, step(move))

    assert bool(split_entry(entry).own) is words


def test_the_same_words_have_another_name_with_another_salt() -> None:
    body = TypedText("Restarted").body

    assert typed_text.hash_text("a", body) == typed_text.hash_text("a", body)
    assert typed_text.hash_text("a", body) != typed_text.hash_text("b", body)


def test_present_texts_of_a_case_are_erased_where_they_are_the_erased_ones() -> None:
    erased = {"无法收发邮件", "Restarted Outlook"}

    changed = typed_text.list_erased_fields(CASE, erased)

    assert changed == {
        "title": ERASED, "answers": {**CASE.answers, "tried": ERASED},
    }  # fmt: skip
    assert typed_text.list_erased_fields(CASE, {"something else"}) == {}
