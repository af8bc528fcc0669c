"""What people may look at: in a useful order, page by page, and never another team's."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import insert

from models.escalations.commands import EscalationCommands
from models.escalations.queries import CHUNK, EscalationQueries
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.selection import CaseSelection
from models.rules.escalations.transitions import raise_escalation
from models.store.database import Store
from models.store.tables import ESCALATION, HISTORY
from tests.models.samples import CHANNEL, EMMA, LI, NOW, STRANGER, TEAM, WANG, customer_request, raised, step


def many(store: Store, count: int) -> None:
    """So many escalations with their first line of history, without running a command for each."""
    begun = [raise_escalation(customer_request(), number, CHANNEL, WANG, NOW) for number in range(1, count + 1)]
    store.write(lambda c: c.execute(insert(ESCALATION), [escalation.model_dump() for escalation, _ in begun]))
    store.write(lambda c: c.execute(insert(HISTORY), [entry.model_dump() for _, entry in begun]))


def numbers(escalations: Iterable[Escalation]) -> list[int]:
    """Their numbers, in order."""
    return [escalation.number for escalation in escalations]


def ended(commands: EscalationCommands, key: str) -> None:
    """An escalation that was withdrawn."""
    commands.move(raised(commands, key).number, step(Move.WITHDRAW), f"{key}-withdraw")


def test_open_ones_are_listed_the_most_severe_first_then_the_oldest(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    for n, severity in enumerate("CBABC"):
        raised(commands, f"view-{n}", severity=severity, answers={"impact": "All stand still"})
    ended(commands, "over")

    assert numbers(queries.open_page(TEAM, 10).escalations) == [3, 2, 4, 1, 5]
    assert (queries.count_open(TEAM), queries.count_all()) == (5, 6)


def test_the_list_is_read_page_by_page(commands: EscalationCommands, queries: EscalationQueries) -> None:
    for n in range(5):
        raised(commands, f"view-{n}")

    pages = [queries.open_page(TEAM, 2, offset) for offset in (0, 2, 4, 6)]
    assert [numbers(page.escalations) for page in pages] == [[1, 2], [3, 4], [5], []]
    assert [(page.offset, page.more) for page in pages] == [(0, True), (2, True), (4, False), (6, False)]


def test_mine_is_what_i_own_or_raised_and_is_not_over(commands: EscalationCommands, queries: EscalationQueries) -> None:
    raised(commands, "raised by Wang")
    other = commands.raise_escalation(customer_request(), CHANNEL, EMMA, NOW, "raised by Emma")
    both = commands.raise_escalation(customer_request(), CHANNEL, LI, NOW, "raised by Li")
    commands.move(both.number, step(Move.ACKNOWLEDGE, WANG), "taken by Wang")
    ended(commands, "over")

    assert numbers(queries.own_page(WANG.id, TEAM, 10).escalations) == [1, both.number]
    assert numbers(queries.own_page(EMMA.id, TEAM, 10).escalations) == [other.number]
    assert queries.own_page(WANG.id, TEAM, 1).more
    assert numbers(queries.own_page(WANG.id, TEAM, 1, 1).escalations) == [both.number]


def test_another_team_sees_nothing_of_ours(commands: EscalationCommands, queries: EscalationQueries) -> None:
    number = raised(commands).number
    theirs = STRANGER.team_id

    assert queries.escalation(number, theirs) is None
    assert queries.escalation(number, TEAM)
    assert queries.open_page(theirs, 10).escalations == []
    assert queries.own_page(WANG.id, theirs, 10).escalations == []
    assert queries.search_page(CaseSelection(words="蓝天"), theirs, 10).escalations == []
    assert queries.count_open(theirs) == 0


def test_history_is_read_in_order_and_in_parts(commands: EscalationCommands, queries: EscalationQueries) -> None:
    number = raised(commands).number
    raised(commands, "another")
    for n in range(6):
        commands.move(number, step(Move.NOTE, at=NOW + timedelta(minutes=n), text=f"note {n}"), f"note-{n}")

    assert [entry.seq for entry in queries.history(number)] == [1, 2, 3, 4, 5, 6, 7]
    assert [entry.text for entry in queries.history(number, limit=2, offset=5)] == ["note 4", "note 5"]
    assert queries.history(number, limit=2, offset=7) == queries.history(99) == []
    line = queries.entry(number, 3)
    assert line
    assert (line.text, line.at) == ("note 1", NOW + timedelta(minutes=1))
    assert queries.entry(number, 8) is None


def test_a_card_has_no_place_before_it_was_posted(commands: EscalationCommands, queries: EscalationQueries) -> None:
    number = raised(commands).number

    assert queries.card_place(number) is None
    assert not queries.is_card_under_way(number)


def test_everything_is_read_in_chunks_without_a_gap(store: Store, queries: EscalationQueries) -> None:
    many(store, 2 * CHUNK + 1)
    everything = queries.all_with_history()
    first, history = next(everything)
    assert (first.number, [entry.number for entry in history]) == (1, [1])

    assert [escalation.number for escalation, _ in everything] == list(range(2, 2 * CHUNK + 2))


def test_what_is_raised_while_everything_is_read_is_read_too(
    store: Store, commands: EscalationCommands, queries: EscalationQueries
) -> None:
    many(store, CHUNK)
    everything = queries.all_with_history()
    next(everything)
    raised(commands)

    assert len(list(everything)) == CHUNK


def test_an_empty_board_is_no_error(queries: EscalationQueries) -> None:
    assert list(queries.all_with_history()) == []
    assert (
        queries.escalation(1),
        queries.card_place(1),
        queries.open_page(TEAM, 5).escalations,
    ) == (None, None, [])
