"""The buttons of a similar case or article in the form: look at it, or say that it solved the problem."""

import re
from typing import Any

from handlers.blocks import similar_cases
from handlers.context import AT_SUBMIT, CurrentUser, Services, SlackResponder
from handlers.escalations.article_actions import ArticleActions
from handlers.escalations.named_cases import find_solution
from handlers.escalations.raise_form import RaiseForm
from handlers.escalations.views import EscalationViews
from handlers.payloads import Body, button_value, team_of, user_of
from models.escalations.commands import SolvedAs
from models.rules.errors import refuse

_NAME = re.compile(r"(CSP|KB)-(\d{1,9})")


class SimilarCaseButtons:
    """The buttons of a similar case or article in the form."""

    def __init__(self, services: Services, views: EscalationViews, raise_form: RaiseForm) -> None:
        self._services, self._views, self._raise_form = services, views, raise_form

    @property
    def _articles(self) -> ArticleActions:
        return self._views.article_actions

    def show(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Show a similar case or article over the form, which stays as it is."""
        current_user = self._services.admit(user_of(body), team_of(body))
        is_article, number = _read_name(body)
        if is_article:
            view = self._articles.modal(self._articles.find(number, current_user), current_user)
        else:
            view = self._views.modal(self._views.escalation(number, current_user), current_user)
        client.views_push(trigger_id=body["trigger_id"], view=view)

    def solve(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Record what is in the form as solved in the way of a case or article: raised and resolved at once.

        A button that did not ask first, because something was missing before, asks now.

        Raises Refused with the answers that are missing; the form stays open.
        """
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        if self._raise_form.ask_first(body, client):
            return
        solved_as = self._find_solution(body, current_user)
        escalation = self._raise_form.record_solved(body, current_user.actor, solved_as)
        shown = self._views.modal(escalation, current_user)
        shown["blocks"] = [*similar_cases.confirm(escalation, current_user.words), *shown["blocks"]]
        client.views_update(view_id=body["view"]["id"], view=shown)

    def _find_solution(self, body: Body, current_user: CurrentUser) -> SolvedAs:
        """Return by what it is solved, with the fix that is recorded. Raises Refused when it is gone."""
        is_article, number = _read_name(body)
        if is_article:
            article = self._articles.find(number, current_user)
            fix = similar_cases.word_fix(article.name, article.text.steps, current_user.words)
            return SolvedAs(number, fix, is_article=True)
        solution = find_solution(self._services, f"CSP-{number}", current_user)
        if solution is None:
            raise refuse("no_such_escalation", number=number)
        return SolvedAs(solution.number, similar_cases.word_fix(solution.name, solution.fix or "", current_user.words))


def _read_name(body: Body) -> tuple[bool, int]:
    """Return of a button whether it is about an article, and the number. Raises Refused for anything not ours."""
    match = _NAME.fullmatch(button_value(body))
    if match is None:
        raise refuse("unreadable")
    return match[1] == "KB", int(match[2])
