"""The *Export* button below lists and searches: the file arrives in the person's direct messages.

The outbox writes and sends it, so that a crash loses nothing.
"""

import json
from collections.abc import Callable
from typing import Any

from handlers.blocks import block_kit, command_answers
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.escalations.views import EscalationViews
from handlers.payloads import click_key, team_of, user_of
from models.rules.errors import refuse
from models.rules.escalations.export_request import ExportRequest, read_request

Respond = Callable[..., Any]


class CaseExports:
    """Answers the buttons that ask for a file."""

    def __init__(self, services: Services, views: EscalationViews) -> None:
        self._services, self._views = services, views

    def click(self, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Ask for the file of a button; a second press while it is on its way asks for nothing more."""
        current_user = self._services.admit(user_of(body), team_of(body))
        request = _read(body["actions"][0]["value"], current_user)
        words = current_user.words
        if not self._views.find_page(request.what, request.query, 0, current_user).escalations:
            blocks = [block_kit.section(words("There is nothing to export."))]
        else:
            self._services.file_requests.ask_export(
                current_user.actor.id, str(request), self._services.now(), click_key(body)
            )
            blocks = command_answers.export_comes(request.what, request.query, request.format, words)
        self._views.answer_press(blocks, current_user, body, client, respond)


def _read(value: str, current_user: CurrentUser) -> ExportRequest:
    """Read a button's value. Raises Refused when somebody tampered with it."""
    try:
        written = json.loads(value)
        return read_request(json.dumps({**written, "team_id": current_user.actor.team_id}))
    except (ValueError, TypeError, RecursionError) as error:
        raise refuse("unreadable") from error
