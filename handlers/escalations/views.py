"""Views of escalations: help, lists, one escalation, its history, search. Private and paged."""

import json
import re
from collections.abc import Callable
from typing import Any

from handlers import case_lists, ids, press_origin
from handlers.blocks import (
    block_kit,
    card,
    command_answers,
    customer_text,
    missing_answers,
    turn_line,
    vendor_text,
)
from handlers.blocks.card import CardDetails
from handlers.blocks.incidents import can_inform_all
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.escalations.article_actions import ArticleActions
from handlers.escalations.customer_views import CustomerViews
from handlers.escalations.customers_to_inform import CustomersToInform
from handlers.escalations.incident_actions import IncidentActions
from handlers.escalations.remediation_actions import RemediationActions
from handlers.escalations.report_views import ReportViews
from handlers.escalations.returned_views import ReturnedViews
from handlers.i18n.case_filters import FilterContext
from handlers.i18n.subcommands import NAME, TypedCommand
from handlers.oncall.chart_request import COMES
from handlers.payloads import click_key, team_of, user_of
from models.escalations.queries import EscalationPage
from models.rules.errors import refuse
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.export_request import CaseList
from models.rules.escalations.request import RequestKind
from models.rules.escalations.reviews import find_lead_note
from models.rules.reminders import subjects

Respond = Callable[..., Any]
NUMBER = re.compile(r"\d{1,9}")


class EscalationViews:
    """Answers the subcommands that show something, and their buttons."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.incident_actions = IncidentActions(services)
        self.customer_views, self.returned_views = CustomerViews(services), ReturnedViews(services)
        self.customers_to_inform = CustomersToInform(services, self.customer_views.describe)
        self.remediation_actions, self.article_actions = RemediationActions(services), ArticleActions(services)
        self.report_views = ReportViews(services)

    def show(self, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Show the escalation of a “Show” button."""
        current_user = self._services.admit(user_of(body), team_of(body))
        escalation = self.escalation(ids.subject_of(body["actions"][0]["value"]).number, current_user)
        self._answer(self.modal(escalation, current_user), body, client, respond)

    def turn(self, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Turn a page: the answer is replaced in place."""
        current_user = self._services.admit(user_of(body), team_of(body))
        what, query, offset = _page(body["actions"][0]["value"])
        name = f"CSP-{query}" if what == "history" else current_user.words("Escalations to 21Vianet")
        view = self._modal(name, self._page(what, query, offset, current_user), current_user)
        self._answer(view, body, client, respond, replace_original=True)

    def from_card(
        self,
        choice: str,
        subject: ids.EscalationSubject,
        current_user: CurrentUser,
        body: dict[str, Any],
        client: SlackResponder,
        respond: Respond,
    ) -> None:
        """Show the history, or a text for 21Vianet or the customer, from a card's menu."""
        escalation = self.escalation(subject.number, current_user)
        if choice == ids.HISTORY:
            blocks = self._history(escalation, 0, current_user)
        elif choice == ids.CUSTOMER_TEXT:
            if escalation.kind is RequestKind.PARTNER_CENTER:
                raise refuse("nobody_to_tell")
            blocks = customer_text.blocks(escalation, current_user.words, self._services.settings.timezone)
        elif choice == ids.CASE_PICTURE:
            requests, now = self._services.file_requests, self._services.now()
            requests.ask_case(current_user.actor.id, escalation.number, now, click_key(body))
            blocks = [block_kit.section(f"📈 {current_user.words(COMES)}")]
        else:
            policy, zone = self._services.policy, self._services.settings.timezone
            text, filing_path = (
                vendor_text.text(escalation, policy, zone),
                vendor_text.find_filing_path(escalation, current_user.words, policy),
            )
            asked = missing_answers.ask(escalation, current_user.words)
            blocks = [*asked, *vendor_text.paste(text, filing_path, current_user.words)]
        view = self._modal(escalation.name, blocks, current_user)
        self._answer(view, body, client, respond, replace_original=False)

    def escalation(self, number: int, current_user: CurrentUser) -> Escalation:
        """Return an escalation of the person's workspace. Raises Refused when there is none."""
        escalation = self._services.queries.escalation(number, current_user.actor.team_id)
        if escalation is None:
            raise refuse("no_such_escalation", number=number)
        return escalation

    def answer(self, typed: TypedCommand, current_user: CurrentUser) -> list[block_kit.Block]:
        """Answer a subcommand. Raises Refused."""
        verb, rest = typed.verb, typed.rest
        if verb in {"list", "mine"} and not rest:
            return self._page(verb, "", 0, current_user)
        if verb == "search" and rest:
            return self._page(verb, rest, 0, current_user)
        if answer := self._answer_topic(verb, rest, current_user):
            return answer
        if verb in {"show", "history"} and (name := NAME.fullmatch(rest)):
            escalation = self.escalation(int(name[1]), current_user)
            return self.card(escalation, current_user) if verb == "show" else self._history(escalation, 0, current_user)
        if verb == "search":
            raise refuse("which_words")
        if verb in {"show", "history"}:
            raise refuse("which_escalation", command=verb)
        return (
            command_answers.list_commands(current_user.words)
            if verb == "help"
            else command_answers.unknown(typed, current_user.words)
        )

    def _answer_topic(self, verb: str, rest: str, current_user: CurrentUser) -> list[block_kit.Block]:
        """Answer a subcommand about something besides cases; empty for any other. Raises Refused."""
        if verb == "articles":
            return self.article_actions.answer(rest, current_user)
        if verb == "report":
            return self.report_views.answer(rest, current_user)
        if verb == "customer":
            return self.customer_views.answer(rest, current_user)
        if verb == "to-inform":
            return self.customers_to_inform.answer(current_user)
        if verb == "remediation":
            return self.remediation_actions.answer(current_user)
        return self.returned_views.answer(current_user) if verb == "rates" else []

    def _page(self, what: str, query: str, offset: int, current_user: CurrentUser) -> list[block_kit.Block]:
        words = current_user.words
        if what == "history":
            return self._history(self.escalation(int(query), current_user), offset, current_user)
        title = {
            "list": words("Open escalations"),
            "mine": words("Yours"),
            "search": words("Results for “{query}”", query=block_kit.clip(query, 100)),
        }[what]
        page = self.find_page(CaseList(what), query, offset, current_user)
        uses = self._services.similar_cases.count_uses([escalation.number for escalation in page.escalations])
        return command_answers.page(title, page, what, query, words, self._services.now(), uses)

    def find_page(self, what: CaseList, query: str, offset: int, current_user: CurrentUser) -> EscalationPage:
        """Return a page of a list or a search. Raises Refused for a query that can't be read."""
        actor, size = current_user.actor, command_answers.PAGE_SIZE
        reader = case_lists.ListReader(actor.id, actor.team_id, lambda: self._read_filters(current_user))
        return case_lists.find_page(self._services.queries, what, query, reader, size, offset)

    def _read_filters(self, current_user: CurrentUser) -> FilterContext:
        services, actor, zone = self._services, current_user.actor, self._services.zone_of(current_user)
        return FilterContext(
            current_user.words, tuple(services.policy.services.values()), zone,
            services.now().astimezone(zone).date(), lambda: services.queries.names_of_team(actor.team_id), actor.id,
        )  # fmt: skip

    def answer_press(
        self, blocks: list[block_kit.Block], current_user: CurrentUser, body: dict[str, Any], client: SlackResponder,
        respond: Respond,
    ) -> None:  # fmt: skip
        """Answer a press below a list: privately beside the message, or in the open modal."""
        view = self._modal(current_user.words("Escalations to 21Vianet"), blocks, current_user)
        self._answer(view, body, client, respond, replace_original=False)

    def card(self, escalation: Escalation, current_user: CurrentUser) -> list[block_kit.Block]:
        """Return one escalation as on its card."""
        services, words, now = self._services, current_user.words, self._services.now()
        judged_by = services.policies.of_version(escalation.policy_version)
        line = turn_line.describe(
            escalation, services.queries.timeline(escalation.number), judged_by,
            services.rota_store.workday_test(now), words, services.zone_of(current_user), now,
        )  # fmt: skip
        raiser = services.queries.name_of(escalation.raised_by)
        uses = services.similar_cases.count_uses([escalation.number]).get(escalation.number, 0)
        attached = services.incident_cases.find_children(escalation.number)
        children = [child.number for child in attached]
        related = card.related(escalation, services.queries.duplicates_of(escalation.number), {}, words, uses, children)
        note = find_lead_note(escalation, services.queries.whole_history)
        details = CardDetails(line, related, note, informs_all=can_inform_all(escalation, attached))
        return card.blocks(escalation, words, services.policy, raiser, now, details)

    def modal(self, escalation: Escalation, current_user: CurrentUser) -> block_kit.Block:
        """Return the same as a modal."""
        return self._modal(escalation.name, self.card(escalation, current_user), current_user)

    def _modal(self, title: str, blocks: list[block_kit.Block], current_user: CurrentUser) -> block_kit.Block:
        return block_kit.modal(ids.DONE, title, blocks, current_user.words("Done"))

    def _history(self, escalation: Escalation, offset: int, current_user: CurrentUser) -> list[block_kit.Block]:
        size = command_answers.HISTORY_SIZE
        entries = self._services.queries.history(escalation.number, size + 1, offset)
        people = self._services.pages.find_told(subjects.escalation(escalation.number), escalation.raised_at)
        return command_answers.history(escalation, entries, offset, current_user.words, self._services.policy, people)

    def _answer(
        self, view: block_kit.Block, body: dict[str, Any], client: SlackResponder, respond: Respond, **more: Any
    ) -> None:
        """Reply beside a message, in the open modal, or as a modal over the Home tab."""
        if body.get("response_url"):
            blocks = view["blocks"]
            respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", **more)
        elif press_origin.in_modal(body):
            client.views_update(view_id=body["view"]["id"], view=view)
        else:
            client.views_open(trigger_id=body["trigger_id"], view=view)


def _page(value: str) -> tuple[str, str, int]:
    """Read a page button's value. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(value)
        what, query, offset = str(data["what"]), str(data["query"]), int(data["offset"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    is_known = what in {"list", "mine", "search"} or (what == "history" and NUMBER.fullmatch(query))
    if not is_known or not 0 <= offset <= 10**6:
        raise refuse("unreadable")
    return what, query, offset
