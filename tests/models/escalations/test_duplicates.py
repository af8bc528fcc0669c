"""Cases that repeat another: what may be the original, and what follows it in the same transaction."""

from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, select

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, HistoryEntry, Move, Status, Turn
from models.rules.escalations.selection import CaseSelection
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from models.store.tables import OUTBOX
from tests.models.samples import CHANNEL, EMMA, LI, NOW, STRANGER, WANG, partner_center_request, raised, step


def mark(commands: EscalationCommands, number: int, original: Escalation | None, key: str = "") -> Escalation:
    """Mark a case as a duplicate of another one, or of none."""
    return commands.move(number, step(Move.DUPLICATE, EMMA, original=original), key or f"mark:{number}:{original}")


def refusal(commands: EscalationCommands, number: int, original: Escalation | None) -> str:
    with pytest.raises(Refused) as refused:
        mark(commands, number, original, "refused")
    return refused.value.refusals[0].reason


def do(commands: EscalationCommands, number: int, move: Move, **more: Any) -> Escalation:
    return commands.move(number, step(move, LI, **more), f"{move}:{number}")


def last(queries: EscalationQueries, number: int) -> HistoryEntry:
    return queries.history(number)[-1]


def test_resolving_the_original_resolves_its_open_duplicates_with_an_entry_in_each_history(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    original = raised(commands, "1")
    for key in ("2", "3", "4"):
        raised(commands, key)
    for number in (2, 3):
        mark(commands, number, original)

    do(commands, 1, Move.RESOLVE, text="Mail flow restored")

    cases = {case.number: case for case in queries.all_escalations()}
    assert [cases[number].status for number in (1, 2, 3, 4)] == [Status.RESOLVED] * 3 + [Status.OPEN]
    entry = last(queries, 2)
    assert (entry.move, entry.by, entry.text) == (Move.RESOLVE, LI.id, "Mail flow restored")
    assert entry.changes["follows"] == [None, "CSP-1"]
    assert "follows" not in last(queries, 1).changes
    assert queries.search_page(CaseSelection("restored"), WANG.team_id, 10).escalations[0].number == 3


def test_the_same_press_twice_resolves_each_duplicate_once(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    original = raised(commands, "1")
    raised(commands, "2")
    mark(commands, 2, original)

    do(commands, 1, Move.RESOLVE)
    do(commands, 1, Move.RESOLVE)

    assert [entry.move for entry in queries.history(2)] == [Move.RAISE, Move.DUPLICATE, Move.RESOLVE]


def test_duplicates_that_are_resolved_or_ended_already_stay_as_they_are(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    original = raised(commands, "1")
    for number in (2, 3):
        raised(commands, str(number))
        mark(commands, number, original)
    do(commands, 2, Move.RESOLVE)
    do(commands, 3, Move.WITHDRAW)

    do(commands, 1, Move.RESOLVE)

    assert [len(queries.history(number)) for number in (2, 3)] == [3, 3]


def test_informing_follows_for_the_same_customer_only(commands: EscalationCommands, queries: EscalationQueries) -> None:
    original = raised(commands, "1", customer_id="c1")
    raised(commands, "2", customer_id="c1", customer_name="Another spelling")
    raised(commands, "3", customer_id="c2")
    raised(commands, "4")
    commands.raise_escalation(partner_center_request(), CHANNEL, WANG, NOW, "5")
    for number in (2, 3, 4, 5):
        mark(commands, number, original)
    do(commands, 1, Move.RESOLVE)

    do(commands, 1, Move.TELL)

    cases = {case.number: case for case in queries.all_escalations()}
    assert {number for number, case in cases.items() if case.told_at} == {1, 2, 4}
    assert cases[3].status is Status.RESOLVED
    assert last(queries, 2).changes["follows"] == [None, "CSP-1"]


def test_closing_the_original_leaves_its_duplicates(commands: EscalationCommands, queries: EscalationQueries) -> None:
    original = raised(commands, "1")
    raised(commands, "2")
    mark(commands, 2, original)
    for move in (Move.RESOLVE, Move.TELL, Move.CLOSE):
        do(commands, 1, move)

    case = queries.escalation(2)
    assert case
    assert (case.status, case.told_by) == (Status.RESOLVED, LI.id)


def test_what_can_be_no_original_is_refused_with_the_reason(commands: EscalationCommands) -> None:
    first, second, third, fourth = (raised(commands, str(n)) for n in range(4))
    assert refusal(commands, 1, first) == "own_duplicate"
    assert refusal(commands, 1, None) == "nothing_changed"
    mark(commands, 2, first)
    assert refusal(commands, 2, first) == "nothing_changed"
    assert refusal(commands, 3, second) == "original_repeats"
    assert refusal(commands, 1, second) == "original_repeats"
    assert refusal(commands, 1, third) == "has_duplicates"
    do(commands, 4, Move.WITHDRAW)
    assert refusal(commands, 3, fourth) == "original_ended"
    assert refusal(commands, 4, third) == "does_not_follow"
    assert refusal(commands, 3, third.model_copy(update={"number": 99})) == "no_such_escalation"


def test_the_original_is_judged_as_it_is_now_and_not_as_it_was_seen(commands: EscalationCommands) -> None:
    original = raised(commands, "1")
    raised(commands, "2")
    do(commands, 1, Move.WITHDRAW)

    assert refusal(commands, 2, original) == "original_ended"


def test_a_mark_is_undone_by_choosing_none(commands: EscalationCommands, queries: EscalationQueries) -> None:
    original = raised(commands, "1")
    raised(commands, "2")
    mark(commands, 2, original)

    assert mark(commands, 2, None).duplicate_of is None
    assert last(queries, 2).changes == {"duplicate_of": [1, None]}
    do(commands, 1, Move.RESOLVE)
    case = queries.escalation(2)
    assert case
    assert case.status is Status.OPEN


def test_a_case_of_another_workspace_is_no_original(commands: EscalationCommands) -> None:
    raised(commands, "1")
    there = commands.raise_escalation(partner_center_request(), CHANNEL, STRANGER, NOW, "2")
    assert refusal(commands, 1, there) == "no_such_escalation"


def test_reopening_the_original_reopens_what_was_resolved_with_it_and_nothing_else(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    original = raised(commands, "1")
    for number in (2, 3, 4):
        raised(commands, str(number))
        mark(commands, number, original)
    do(commands, 2, Move.RESOLVE, text="A cause of its own")
    do(commands, 1, Move.RESOLVE, text="Mail flow restored")
    for move in (Move.TELL, Move.CLOSE):
        do(commands, 4, move)

    do(commands, 1, Move.REOPEN)

    cases = {case.number: case for case in queries.all_escalations(ended=True)}
    assert [cases[number].status for number in (1, 2, 3, 4)] == [
        Status.REOPENED, Status.RESOLVED, Status.REOPENED, Status.CLOSED,
    ]  # fmt: skip
    assert last(queries, 3).changes["follows"] == [None, "CSP-1"]
    assert cases[3].follows_original


def test_a_duplicate_reopened_by_itself_goes_on_alone_and_is_not_resolved_with_the_original(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    original = raised(commands, "1")
    raised(commands, "2")
    mark(commands, 2, original)
    do(commands, 1, Move.RESOLVE)

    alone = do(commands, 2, Move.REOPEN)

    assert alone.duplicate_of is None
    assert last(queries, 2).changes["duplicate_of"] == [1, None]
    assert queries.duplicates_of(1) == []


def test_withdrawing_the_original_frees_its_open_duplicates_in_the_same_commit(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    original = raised(commands, "1")
    for number in (2, 3):
        raised(commands, str(number))
        mark(commands, number, original)
    do(commands, 3, Move.RESOLVE)

    do(commands, 1, Move.WITHDRAW)

    cases = {case.number: case for case in queries.all_escalations(ended=True)}
    assert (cases[2].duplicate_of, cases[2].status) == (None, Status.OPEN)
    assert cases[3].duplicate_of == 1
    assert last(queries, 2).changes == {"duplicate_of": [1, None], "follows": [None, "CSP-1"]}


def test_a_case_that_is_not_resolved_cant_repeat_one_that_is(commands: EscalationCommands) -> None:
    first, second = raised(commands, "1"), raised(commands, "2")
    do(commands, 1, Move.RESOLVE)
    assert refusal(commands, 2, first) == "original_resolved"
    do(commands, 2, Move.RESOLVE)
    assert mark(commands, 2, first).duplicate_of == 1
    assert second.number == 2


def test_marking_and_unmarking_redraws_the_card_of_the_original(commands: EscalationCommands, store: Store) -> None:
    first, other = raised(commands, "1"), raised(commands, "2")
    raised(commands, "3")

    def redrawn(number: int) -> int:
        what = select(OUTBOX.c.id).where(OUTBOX.c.number == number, OUTBOX.c.what == MessageKind.REFRESH)
        found = store.write(
            lambda c: (
                len(c.execute(what).all()),
                c.execute(delete(OUTBOX).where(OUTBOX.c.what == MessageKind.REFRESH)),
            )
        )
        return int(found[0])

    mark(commands, 3, first)
    assert redrawn(1) == 1
    mark(commands, 3, other)
    assert redrawn(1) == 1
    mark(commands, 3, None)
    assert redrawn(2) == 1


def test_a_duplicate_never_follows_an_original_that_is_resolved_or_ended(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    """Whatever is done, in any order: else nobody would be reminded of it."""
    originals = [raised(commands, str(number)) for number in (1, 2)]
    for number in (3, 4):
        raised(commands, str(number))
    chance = Random(7)
    for turn in range(400):
        number, move = chance.randint(1, 4), chance.choice(list(Move))
        with suppress(Refused):
            original = chance.choice([*originals, None])
            request = step(
                move, LI, NOW + turn * timedelta(minutes=1), original=original, turn=chance.choice(list(Turn))
            )
            commands.move(number, request, f"random:{turn}")
        cases = {case.number: case for case in queries.all_escalations(ended=True)}
        for case in cases.values():
            if case.follows_original:
                assert case.duplicate_of
                original = cases[case.duplicate_of]
                assert original.duplicate_of is None
                assert original.status not in {Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN}
