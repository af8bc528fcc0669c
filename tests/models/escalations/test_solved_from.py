"""A case that is solved as a past one was: at once from the form, or later; who counts as used; twice is once."""

import pytest

from models.escalations.commands import EscalationCommands, SentForm, SolvedAs
from models.escalations.queries import EscalationQueries
from models.escalations.similar_cases import SimilarCases
from models.rules.errors import Refused
from models.rules.escalations.acknowledgement_calls import OnCallPeople
from models.rules.escalations.escalation import Escalation, Move, Status
from models.rules.escalations.transitions import missing_before_filing
from models.store.database import Store
from tests.models.samples import CHANNEL, EMMA, LI, NOW, TEAM, WANG, customer_request, raised, step

FIX = "清除凭据管理器中的旧凭据"


@pytest.fixture
def solution(commands: EscalationCommands) -> Escalation:
    """A past case that tells what solved it: CSP-1."""
    number = raised(commands, "past", title="Outlook 反复要求输入密码").number
    return commands.move(number, step(Move.RESOLVE, text=FIX), "past fix")


def solve_at_once(commands: EscalationCommands, number: int, key: str = "view") -> Escalation:
    """Raise a case that is solved as another was."""
    sent = SentForm(quick=True, solved_as=SolvedAs(number, f"as CSP-{number}: {FIX}"))
    request = customer_request(answers={"tried": None, "lacks": None, "scope": None, "health": None})
    return commands.raise_escalation(request, CHANNEL, EMMA, NOW, key, sent)


def reasons(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Why it was refused."""
    return [refusal.reason for refusal in refused.value.refusals]


def test_a_case_is_raised_and_solved_in_one_step_without_a_number_or_further_answers(
    commands: EscalationCommands, queries: EscalationQueries, solution: Escalation
) -> None:
    case = solve_at_once(commands, solution.number)

    assert (case.status, case.owner, case.solved_from) == (Status.RESOLVED, EMMA.id, 1)
    assert (case.fix, case.request_number, case.told_at) == (f"as CSP-1: {FIX}", None, None)
    assert missing_before_filing(case) == ()
    assert [entry.move for entry in queries.history(case.number)] == [Move.RAISE, Move.RESOLVE]
    assert queries.history(case.number)[1].changes["solved_from"] == [None, 1]


def test_pressing_twice_or_submitting_afterwards_makes_one_case(
    commands: EscalationCommands, queries: EscalationQueries, solution: Escalation
) -> None:
    first = solve_at_once(commands, solution.number)

    assert solve_at_once(commands, solution.number) == first
    assert commands.raise_escalation(customer_request(), CHANNEL, EMMA, NOW, "view") == first
    assert queries.count_all() == 2


def test_nobody_is_called_although_somebody_is_on_call(store: Store, solution: Escalation) -> None:
    commands = EscalationCommands(store, on_duty=lambda _: OnCallPeople((LI.id,), (WANG.id,)))

    case = solve_at_once(commands, solution.number)

    assert EscalationQueries(store).call_targets(case.number).people == ()


def test_uses_are_counted_at_the_case_of_the_fix_until_one_is_reopened(
    commands: EscalationCommands, store: Store, solution: Escalation
) -> None:
    similar_cases = SimilarCases(store)
    first = solve_at_once(commands, solution.number, "first")
    second = solve_at_once(commands, first.number, "second")
    assert second.solved_from == solution.number
    assert similar_cases.count_uses([1, 2, 3]) == {1: 2}
    found = similar_cases.find("Exchange Online", "无法收发邮件，contoso.cn bounces", TEAM)
    assert [(case.number, case.uses) for case in found] == [(1, 2)]

    reopened = commands.move(second.number, step(Move.REOPEN), "reopen")

    assert reopened.solved_from is None
    assert similar_cases.count_uses([1]) == {1: 1}


def test_a_raised_case_can_be_resolved_as_a_past_one(commands: EscalationCommands, solution: Escalation) -> None:
    number = raised(commands, "new").number

    case = commands.move(number, step(Move.RESOLVE, text="同 CSP-1", solution=solution), "resolve")

    assert (case.status, case.solved_from) == (Status.RESOLVED, 1)


def test_only_a_solved_case_of_the_team_can_be_named(
    commands: EscalationCommands, queries: EscalationQueries, solution: Escalation
) -> None:
    commands.move(solution.number, step(Move.REOPEN), "reopen")
    number = raised(commands, "new").number

    for named in (solution.number, 77):
        with pytest.raises(Refused):
            solve_at_once(commands, named, f"view {named}")
    with pytest.raises(Refused) as refused:
        commands.move(number, step(Move.RESOLVE, solution=solution), "resolve")
    assert reasons(refused) == ["not_a_solution"]
    with pytest.raises(Refused) as refused:
        commands.move(number, step(Move.RESOLVE, solution=queries.escalation(number)), "itself")
    assert reasons(refused) == ["own_solution"]
    assert queries.count_all() == 2


def test_a_duplicate_that_follows_is_no_further_use(
    commands: EscalationCommands, store: Store, solution: Escalation
) -> None:
    original, duplicate = raised(commands, "original"), raised(commands, "duplicate")
    commands.move(duplicate.number, step(Move.DUPLICATE, original=original), "mark")

    commands.move(original.number, step(Move.RESOLVE, text="同 CSP-1", solution=solution), "resolve")

    assert SimilarCases(store).count_uses([solution.number]) == {1: 1}
