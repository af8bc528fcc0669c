"""“Also hit by INC… (CSP-5)” in the form: raises what is in it, attached to the case of the incident, in one press."""

from typing import Any

from handlers.blocks import incidents
from handlers.context import AT_SUBMIT, Services, SlackResponder
from handlers.escalations.named_cases import find_named
from handlers.escalations.raise_form import RaiseForm
from handlers.escalations.views import EscalationViews
from handlers.payloads import button_value, team_of, user_of
from models.rules.errors import refuse


class AttachButton:
    """Attaches what is in the form to the case of a listed incident."""

    def __init__(self, services: Services, views: EscalationViews, raise_form: RaiseForm) -> None:
        self._services, self._views, self._raise_form = services, views, raise_form

    def press(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Raise it attached, and show its card. Raises Refused with what is missing; the form stays open."""
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        name = button_value(body)
        parent = find_named(self._services, name, "original", current_user)
        if parent is None:
            raise refuse("unreadable")
        child = self._raise_form.record_attached(body, current_user.actor, parent)
        shown = self._views.modal(child, current_user)
        called = self._raise_form.describe_calls(child, current_user.words)
        shown["blocks"] = [*incidents.confirm(child, parent, called, current_user.words), *shown["blocks"]]
        client.views_update(view_id=body["view"]["id"], view=shown)
