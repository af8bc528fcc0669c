"""The buttons of a similar case in the form: look at it, or say that its fix solved the problem."""

from typing import Any

from handlers import ids
from handlers.blocks import similar_cases
from handlers.context import AT_SUBMIT, Services, SlackResponder
from handlers.escalations.named_cases import find_solution
from handlers.escalations.raise_form import RaiseForm
from handlers.escalations.views import EscalationViews
from handlers.payloads import team_of, user_of
from models.escalations.commands import SolvedAs
from models.rules.errors import refuse


class SimilarCaseButtons:
    """The buttons of a similar case in the form."""

    def __init__(self, services: Services, views: EscalationViews, raise_form: RaiseForm) -> None:
        self._services, self._views, self._raise_form = services, views, raise_form

    def solve(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Record what is in the form as solved in the way of a similar case: raised and resolved at once.

        Raises Refused with the answers that are missing; the form stays open.
        """
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        name = f"CSP-{ids.subject_of(body['actions'][0]['value']).number}"
        solution = find_solution(self._services, name, current_user)
        if solution is None:
            raise refuse("unreadable")
        fix = similar_cases.word_fix(solution, current_user.words)
        escalation = self._raise_form.record_solved(body, current_user.actor, SolvedAs(solution.number, fix))
        shown = self._views.modal(escalation, current_user)
        shown["blocks"] = [*similar_cases.confirm(escalation, current_user.words), *shown["blocks"]]
        client.views_update(view_id=body["view"]["id"], view=shown)

    def show(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Show a similar case over the form, which stays as it is."""
        current_user = self._services.admit(user_of(body), team_of(body))
        number = ids.subject_of(body["actions"][0]["value"]).number
        escalation = self._views.escalation(number, current_user)
        client.views_push(trigger_id=body["trigger_id"], view=self._views.modal(escalation, current_user))
