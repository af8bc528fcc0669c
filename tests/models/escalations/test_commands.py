"""What people do to escalations, carried out once and completely, however many do it at once."""

from functools import partial

import pytest
from sqlalchemy import Connection, text

from models.escalations.commands import Desk
from models.escalations.queries import Board
from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.people import Actor
from models.store.database import Store
from tests.models.concurrent_writers import all_at_once, opened, together
from tests.models.samples import CHANNEL, EMMA, LI, NOW, STRANGER, WANG, customer_request, raised, step

CROWD = """
import sys
from sqlalchemy import text
from models.escalations.commands import Desk
from models.store.database import Store
from tests.models.samples import raised
store = Store(sys.argv[1], patience=30)
def count(connection):
    seen = connection.scalar(text("SELECT reopened FROM escalation WHERE number = 1"))
    connection.execute(text("UPDATE escalation SET reopened = :next WHERE number = 1"), {"next": seen + 1})
print("ready", flush=True)
sys.stdin.readline()
for n in range(6):
    raised(Desk(store), f"{sys.argv[2]}:{n}")
    store.write(count)
"""
CUT_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()"""


def why(desk: Desk, number: int, move: Move, by: Actor) -> str:
    """The reason for which a step is refused."""
    with pytest.raises(Refused) as refused:
        desk.move(number, step(move, by), f"{move}-{by.id}")
    return refused.value.refusals[0].reason


def test_raising_writes_down_who_when_and_what(desk: Desk, board: Board) -> None:
    escalation = raised(desk)

    assert board.escalation(escalation.number) == escalation
    (entry,) = board.history(escalation.number)
    assert (entry.move, entry.by, entry.at, entry.status_to) == (Move.RAISE, WANG.id, NOW, Status.OPEN)


def test_each_move_is_one_line_of_history(desk: Desk, board: Board) -> None:
    number = raised(desk).number
    moves = [Move.ACKNOWLEDGE, Move.NOTE, Move.RECORD, Move.TELL, Move.RESOLVE, Move.CLOSE, Move.REOPEN]
    *_, last = [desk.move(number, step(move, LI), move) for move in moves]

    assert board.escalation(number) == last
    assert [entry.move for entry in board.history(number)] == [Move.RAISE, *moves]
    assert last.version == len(board.history(number))
    assert last.closed_by == LI.id


def test_a_refused_form_leaves_nothing(desk: Desk, board: Board) -> None:
    with pytest.raises(Refused):
        raised(desk, title=" ")

    assert board.count_all() == 0
    assert raised(desk).number == 1  # the same view, mended: neither the key nor the number is used up


def test_a_refused_move_leaves_nothing(desk: Desk, board: Board) -> None:
    number = raised(desk).number
    assert why(desk, number, Move.CLOSE, EMMA) == "does_not_follow"

    assert len(board.history(number)) == 1


def test_the_same_submission_again_returns_what_it_made(desk: Desk, board: Board) -> None:
    first = raised(desk, "T0SANDBOX:V1")
    again = raised(desk, "T0SANDBOX:V1", title="Typed anew")

    assert again == first
    assert board.count_all() == 1


def test_the_same_click_again_moves_once(desk: Desk, board: Board) -> None:
    number = raised(desk).number
    first = desk.move(number, step(Move.ACKNOWLEDGE, EMMA), "click-1")
    again = desk.move(number, step(Move.ACKNOWLEDGE, EMMA), "click-1")

    assert again == first
    assert len(board.history(number)) == 2


def test_another_team_reaches_nothing(desk: Desk) -> None:
    number = raised(desk).number

    assert why(desk, number, Move.NOTE, STRANGER) == "no_such_escalation"
    assert why(desk, 99, Move.NOTE, WANG) == "no_such_escalation"


def test_the_bell_rings_after_each_commit_and_not_after_a_refusal(store: Store) -> None:
    seen: list[int] = []
    board = Board(store)
    desk = Desk(store, bell=lambda: seen.append(board.count_all()))

    raised(desk)
    with pytest.raises(Refused):
        raised(desk, "view-2", title="")
    assert seen == [1]


def test_the_same_submission_at_the_same_instant_makes_one_escalation(url: str) -> None:
    with opened(url, 30) as one, opened(url, 30) as other:
        desks = [Desk(one), Desk(other)] * 4
        made = together([partial(raised, desk, "T0SANDBOX:V1") for desk in desks])

        assert {escalation.number for escalation in made} == {1}
        assert Board(one).count_all() == 1


def test_the_same_click_at_the_same_instant_moves_once_and_nobody_is_refused(url: str) -> None:
    with opened(url, 30) as one, opened(url, 30) as other:
        number = raised(Desk(one)).number
        desks = [Desk(one), Desk(other)] * 4
        click = step(Move.ACKNOWLEDGE, EMMA)
        moved = together([partial(desk.move, number, click, "click") for desk in desks])

        assert {escalation.owner for escalation in moved} == {EMMA.id}
        assert len(Board(one).history(number)) == 2


def test_of_two_people_at_once_one_wins_and_the_other_hears_who(url: str) -> None:
    def attempt(desk: Desk, by: Actor) -> Escalation | Refused:
        try:
            return desk.move(number, step(Move.ACKNOWLEDGE, by), f"click-{by.id}")
        except Refused as refused:
            return refused

    with opened(url, 30) as one, opened(url, 30) as other:
        number = raised(Desk(one)).number
        answers = together([lambda: attempt(Desk(one), EMMA), lambda: attempt(Desk(other), WANG)])

        (won,) = [answer for answer in answers if isinstance(answer, Escalation)]
        (lost,) = [answer for answer in answers if isinstance(answer, Refused)]
        assert lost.refusals[0].values["owner"] == won.owner
        assert [entry.by for entry in Board(one).history(number)] == [WANG.id, won.owner]


def test_processes_that_write_at_once_lose_nothing_and_leave_out_no_number(sqlite_url: str) -> None:
    with opened(sqlite_url) as store:
        raised(Desk(store), "first")
        all_at_once(CROWD, [[sqlite_url, name] for name in "abc"])

        board = Board(store)
        assert [escalation.number for escalation, _ in board.every()] == list(range(1, 20))
        counted = board.escalation(1)
        assert counted
        assert counted.reopened == 18


def test_connections_that_write_at_once_lose_nothing_and_leave_out_no_number(url: str) -> None:
    def work(store: Store, name: str) -> None:
        for n in range(5):
            raised(Desk(store), f"{name}:{n}")
            Desk(store).move(1, step(Move.NOTE, EMMA), f"note:{name}:{n}")

    with opened(url, 30) as one, opened(url, 30) as other:
        raised(Desk(one), "first")
        together([partial(work, store, name) for store, name in zip([one, other] * 3, "abcdef", strict=True)])

        board = Board(one)
        assert [escalation.number for escalation, _ in board.every()] == list(range(1, 32))
        assert [entry.seq for entry in board.history(1)] == list(range(1, 32))


def test_a_connection_cut_in_the_middle_is_made_good_once(postgresql_url: str) -> None:
    tries = 0

    def cut(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        connection.execute(text("UPDATE escalation SET reopened = reopened + 1"))
        if tries == 1:
            own = connection.scalar(text("SELECT pg_backend_pid()"))
            with opened(postgresql_url) as operator:
                operator.write(lambda c: c.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own}))
        connection.execute(text("UPDATE escalation SET reopened = reopened + 10"))

    with opened(postgresql_url) as store:
        raised(Desk(store))
        store.write(cut)

        escalation = Board(store).escalation(1)
        assert escalation
        assert (tries, escalation.reopened) == (2, 11)


def test_idle_connections_that_were_cut_are_not_noticed_by_anybody(postgresql_url: str) -> None:
    with opened(postgresql_url) as store, opened(postgresql_url) as operator:
        raised(Desk(store))
        operator.write(lambda c: c.execute(text(CUT_OTHERS)))
        assert Board(store).count_all() == 1
        operator.write(lambda c: c.execute(text(CUT_OTHERS)))
        assert raised(Desk(store), "view-2").number == 2


@pytest.mark.parametrize(
    "text_",
    ["👨‍👩‍👧‍👦" * 400, "\u202bلا يعمل البريد\u202c", "\x00a\x00", "'; DROP TABLE history; --", "<!channel> `x` &amp;"],
)  # fmt: skip
def test_whatever_is_typed_comes_back_as_it_was_kept(desk: Desk, board: Board, text_: str) -> None:
    request = customer_request(details=text_, answers={"tried": text_[:700]})
    escalation = desk.raise_escalation(request, CHANNEL, WANG, NOW, "view-1")
    desk.move(escalation.number, step(Move.NOTE, text=text_), "note")

    assert board.escalation(escalation.number, WANG.team_id)
    kept = board.history(escalation.number)
    assert kept[1].text == escalation.details == kept[0].changes["details"] == text_.replace("\x00", "")
