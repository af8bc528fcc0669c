"""Cases that a person names in a form: the original of a duplicate, and the case by whose fix another was solved."""

from handlers.context import CurrentUser, Services
from handlers.i18n.subcommands import NAME
from models.rules.errors import refuse
from models.rules.escalations.escalation import Escalation


def find_named(services: Services, name: str, field: str, current_user: CurrentUser) -> Escalation | None:
    """Return the escalation of a name that was typed into a field; None for none. Raises Refused."""
    if not name.strip():
        return None
    match = NAME.fullmatch(name.strip())
    if match is None:
        raise refuse("names_no_case", field)
    escalation = services.queries.escalation(int(match[1]), current_user.actor.team_id)
    if escalation is None:
        raise refuse("no_such_escalation", field, number=int(match[1]))
    return escalation


def find_solution(services: Services, name: str, current_user: CurrentUser) -> Escalation | None:
    """Return the case whose fix a named case tells: that one, or the one by which it was itself solved."""
    named = find_named(services, name, "solved_from", current_user)
    if named is None or not named.solved_from:
        return named
    return services.queries.escalation(named.solved_from, current_user.actor.team_id)
