"""Similar past cases while somebody fills the form: found by what is typed, viewed over the form."""

from collections.abc import Sequence
from typing import Any

from handlers import ids
from handlers.blocks.raise_form import FormValues
from handlers.context import Services, SlackResponder
from handlers.escalations.views import EscalationViews
from handlers.payloads import Body, team_of, user_of
from models.escalations.similar_cases import SimilarCase
from models.rules.errors import NotSaved


def find_similar(services: Services, filled: FormValues, body: Body) -> Sequence[SimilarCase]:
    """Return solved cases that are like what is typed. None while the store is away: the form goes on without."""
    text = "\n".join(str(filled.get(name) or "") for name in ("title", "details"))
    try:
        return services.similar_cases.find(str(filled.get("service") or ""), text, team_of(body))
    except NotSaved:
        return ()


class SimilarCaseButtons:
    """The buttons of a similar case in the form."""

    def __init__(self, services: Services, views: EscalationViews) -> None:
        self._services, self._views = services, views

    def show(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Show a similar case over the form, which stays as it is."""
        current_user = self._services.admit(user_of(body), team_of(body))
        number = ids.subject_of(body["actions"][0]["value"]).number
        escalation = self._views.escalation(number, current_user)
        client.views_push(trigger_id=body["trigger_id"], view=self._views.modal(escalation, current_user))
