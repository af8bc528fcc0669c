"""What people do to escalations, carried out once and completely, however many do it at once."""

from functools import partial

import pytest
from sqlalchemy import Connection, text

from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.people import Actor
from models.store.database import Store
from tests.models.concurrent_writers import all_at_once, opened, together
from tests.models.samples import CHANNEL, EMMA, LI, NOW, STRANGER, WANG, customer_request, raised, step

CROWD = """
import sys
from sqlalchemy import text
from models.escalations.commands import EscalationCommands
from models.store.database import Store
from tests.models.samples import raised
store = Store(sys.argv[1], timeout=30)
def count(connection):
    seen = connection.scalar(text("SELECT reopened FROM escalation WHERE number = 1"))
    connection.execute(text("UPDATE escalation SET reopened = :next WHERE number = 1"), {"next": seen + 1})
print("ready", flush=True)
sys.stdin.readline()
for n in range(6):
    raised(EscalationCommands(store), f"{sys.argv[2]}:{n}")
    store.write(count)
"""
CUT_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()"""


def why(commands: EscalationCommands, number: int, move: Move, by: Actor) -> str:
    """The reason for which a step is refused."""
    with pytest.raises(Refused) as refused:
        commands.move(number, step(move, by), f"{move}-{by.id}")
    return refused.value.refusals[0].reason


def test_raising_writes_down_who_when_and_what(commands: EscalationCommands, queries: EscalationQueries) -> None:
    escalation = raised(commands)

    assert queries.escalation(escalation.number) == escalation
    (entry,) = queries.history(escalation.number)
    assert (entry.move, entry.by, entry.at, entry.status_to) == (Move.RAISE, WANG.id, NOW, Status.OPEN)


def test_each_move_is_one_line_of_history(commands: EscalationCommands, queries: EscalationQueries) -> None:
    number = raised(commands).number
    moves = [Move.ACKNOWLEDGE, Move.NOTE, Move.RECORD, Move.RESOLVE, Move.TELL, Move.CLOSE, Move.REOPEN]
    *_, last = [commands.move(number, step(move, LI), move) for move in moves]

    assert queries.escalation(number) == last
    assert [entry.move for entry in queries.history(number)] == [Move.RAISE, *moves]
    assert last.version == len(queries.history(number))
    assert last.closed_by == LI.id


def test_a_refused_form_leaves_nothing(commands: EscalationCommands, queries: EscalationQueries) -> None:
    with pytest.raises(Refused):
        raised(commands, title=" ")

    assert queries.count_all() == 0
    assert raised(commands).number == 1  # the same view, mended: neither the key nor the number is used up


def test_a_refused_move_leaves_nothing(commands: EscalationCommands, queries: EscalationQueries) -> None:
    number = raised(commands).number
    assert why(commands, number, Move.CLOSE, EMMA) == "resolve_first"

    assert len(queries.history(number)) == 1


def test_the_same_submission_again_returns_what_it_made(
    commands: EscalationCommands, queries: EscalationQueries
) -> None:
    first = raised(commands, "T0SANDBOX:V1")
    again = raised(commands, "T0SANDBOX:V1", title="Typed anew")

    assert again == first
    assert queries.count_all() == 1


def test_the_same_click_again_moves_once(commands: EscalationCommands, queries: EscalationQueries) -> None:
    number = raised(commands).number
    first = commands.move(number, step(Move.ACKNOWLEDGE, EMMA), "click-1")
    again = commands.move(number, step(Move.ACKNOWLEDGE, EMMA), "click-1")

    assert again == first
    assert len(queries.history(number)) == 2


def test_another_team_reaches_nothing(commands: EscalationCommands) -> None:
    number = raised(commands).number

    assert why(commands, number, Move.NOTE, STRANGER) == "no_such_escalation"
    assert why(commands, 99, Move.NOTE, WANG) == "no_such_escalation"


def test_the_bell_rings_after_each_commit_and_not_after_a_refusal(store: Store) -> None:
    seen: list[int] = []
    queries = EscalationQueries(store)
    commands = EscalationCommands(store, wake_up=lambda: seen.append(queries.count_all()))

    raised(commands)
    with pytest.raises(Refused):
        raised(commands, "view-2", title="")
    assert seen == [1]


def test_the_same_submission_at_the_same_instant_makes_one_escalation(url: str) -> None:
    with opened(url, 30) as one, opened(url, 30) as other:
        desks = [EscalationCommands(one), EscalationCommands(other)] * 4
        made = together([partial(raised, commands, "T0SANDBOX:V1") for commands in desks])

        assert {escalation.number for escalation in made} == {1}
        assert EscalationQueries(one).count_all() == 1


def test_the_same_click_at_the_same_instant_moves_once_and_nobody_is_refused(url: str) -> None:
    with opened(url, 30) as one, opened(url, 30) as other:
        number = raised(EscalationCommands(one)).number
        desks = [EscalationCommands(one), EscalationCommands(other)] * 4
        click = step(Move.ACKNOWLEDGE, EMMA)
        moved = together([partial(commands.move, number, click, "click") for commands in desks])

        assert {escalation.owner for escalation in moved} == {EMMA.id}
        assert len(EscalationQueries(one).history(number)) == 2


def test_of_two_people_at_once_one_wins_and_the_other_hears_who(url: str) -> None:
    def attempt(commands: EscalationCommands, by: Actor) -> Escalation | Refused:
        try:
            return commands.move(number, step(Move.ACKNOWLEDGE, by), f"click-{by.id}")
        except Refused as refused:
            return refused

    with opened(url, 30) as one, opened(url, 30) as other:
        number = raised(EscalationCommands(one)).number
        answers = together(
            [lambda: attempt(EscalationCommands(one), EMMA), lambda: attempt(EscalationCommands(other), WANG)]
        )

        (won,) = [answer for answer in answers if isinstance(answer, Escalation)]
        (lost,) = [answer for answer in answers if isinstance(answer, Refused)]
        assert lost.refusals[0].values["owner"] == won.owner
        assert [entry.by for entry in EscalationQueries(one).history(number)] == [WANG.id, won.owner]


def test_processes_that_write_at_once_lose_nothing_and_leave_out_no_number(sqlite_url: str) -> None:
    with opened(sqlite_url) as store:
        raised(EscalationCommands(store), "first")
        all_at_once(CROWD, [[sqlite_url, name] for name in "abc"])

        queries = EscalationQueries(store)
        assert [escalation.number for escalation, _ in queries.all_with_history()] == list(range(1, 20))
        counted = queries.escalation(1)
        assert counted
        assert counted.reopened == 18


def test_connections_that_write_at_once_lose_nothing_and_leave_out_no_number(url: str) -> None:
    def work(store: Store, name: str) -> None:
        for n in range(5):
            raised(EscalationCommands(store), f"{name}:{n}")
            EscalationCommands(store).move(1, step(Move.NOTE, EMMA), f"note:{name}:{n}")

    with opened(url, 30) as one, opened(url, 30) as other:
        raised(EscalationCommands(one), "first")
        together([partial(work, store, name) for store, name in zip([one, other] * 3, "abcdef", strict=True)])

        queries = EscalationQueries(one)
        assert [escalation.number for escalation, _ in queries.all_with_history()] == list(range(1, 32))
        assert [entry.seq for entry in queries.history(1)] == list(range(1, 32))


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
        raised(EscalationCommands(store))
        store.write(cut)

        escalation = EscalationQueries(store).escalation(1)
        assert escalation
        assert (tries, escalation.reopened) == (2, 11)


def test_idle_connections_that_were_cut_are_not_noticed_by_anybody(postgresql_url: str) -> None:
    with opened(postgresql_url) as store, opened(postgresql_url) as operator:
        raised(EscalationCommands(store))
        operator.write(lambda c: c.execute(text(CUT_OTHERS)))
        assert EscalationQueries(store).count_all() == 1
        operator.write(lambda c: c.execute(text(CUT_OTHERS)))
        assert raised(EscalationCommands(store), "view-2").number == 2


@pytest.mark.parametrize(
    "text_",
    ["👨‍👩‍👧‍👦" * 400, "\u202bلا يعمل البريد\u202c", "\x00a\x00", "'; DROP TABLE history; --", "<!channel> `x` &amp;"],
)  # fmt: skip
def test_whatever_is_typed_comes_back_as_it_was_kept(
    commands: EscalationCommands, queries: EscalationQueries, text_: str
) -> None:
    request = customer_request(details=text_, answers={"tried": text_[:700]})
    escalation = commands.raise_escalation(request, CHANNEL, WANG, NOW, "view-1")
    commands.move(escalation.number, step(Move.NOTE, text=text_), "note")

    assert queries.escalation(escalation.number, WANG.team_id)
    kept = queries.history(escalation.number)
    assert kept[1].text == escalation.details == kept[0].changes["details"] == text_.replace("\x00", "")
