"""The buttons of a draft: continue it, or delete it, where they were pressed."""

from collections.abc import Callable
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit
from handlers.context import Services, SlackResponder
from handlers.escalations.drafts import Drafts
from handlers.escalations.raise_form import RaiseForm
from handlers.payloads import team_of, user_of

RedrawHome = Callable[[dict[str, Any], SlackResponder], None]


class DraftButtons:
    """Continues and deletes drafts from a private answer, the Home tab and the form's first screen."""

    def __init__(self, services: Services, drafts: Drafts, raise_form: RaiseForm, redraw_home: RedrawHome) -> None:
        self._services, self._drafts, self._raise_form = services, drafts, raise_form
        self._redraw_home = redraw_home

    def resume(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form as it was left. Raises Refused when the draft is gone."""
        self._services.admit(user_of(body), team_of(body))
        self._raise_form.resume(self._drafts.chosen(body), body, client)

    def delete(self, body: dict[str, Any], client: SlackResponder, respond: Callable[..., Any]) -> None:
        """Delete a draft and show those that are left. Raises Refused, NotSaved."""
        current_user = self._services.admit(user_of(body), team_of(body))
        self._drafts.discard(body)
        if body.get("response_url"):
            blocks = self._drafts.answer(current_user, body)
            respond(text=block_kit.fallback_text(blocks), blocks=blocks, replace_original=True)
        elif press_origin.home_of(body):
            self._redraw_home(body, client)
        elif (body.get("view") or {}).get("callback_id") == ids.FORM:
            self._raise_form.redraw(body, client)
