"""A case that is solved as another one was: which case may be named, and what is recorded of it. Pure."""

from typing import Any

from models.rules.errors import refuse
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.similarity import is_solution


def record_solution(escalation: Escalation, request: MoveRequest) -> dict[str, Any]:
    """Return the number of the case whose fix, or of the article that solved this one; None for another way.

    Who names a case that was itself solved by a fix names the case of that fix, so that all its uses are counted there.
    Raises Refused when the case tells of no fix.
    """
    solution = request.solution
    if solution is None:
        return {"solved_from": None, "solved_by_article": request.article}
    if escalation.number in {solution.number, solution.solved_from}:
        raise refuse("own_solution", "solved_from")
    if not is_solution(solution):
        raise refuse("not_a_solution", "solved_from", solution=solution.name)
    return {"solved_from": solution.solved_from or solution.number, "solved_by_article": None}
