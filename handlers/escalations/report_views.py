"""The report of a month, privately: its figures, and buttons that bring it as a file."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from handlers import press_origin
from handlers.blocks import block_kit
from handlers.context import CurrentUser, Services
from handlers.i18n.words import LANGUAGES
from handlers.payloads import button_value, click_key, team_of, user_of
from handlers.reports import answer
from handlers.reports.figures import ReportReader
from models.rules.errors import refuse
from models.rules.reports.month import ReportPeriod, read_month, split_month
from models.rules.reports.report_request import ReportFormat, ReportKind, ReportRequest, read_report_request
from models.rules.reports.report_rights import check_reader

LISTED = 10
"""How many customers that match are listed."""
TEAM_WORDS = frozenset({"", "team", "all", "全部", "团队"})
VENDOR_WORDS = frozenset({"vendor", "21vianet", "21v", "scorecard", "世纪互联", "评分", "供应商"})


class ReportViews:
    """Answers ``report [CUSTOMER] [MONTH]`` and its buttons."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def answer(self, typed: str, current_user: CurrentUser) -> list[block_kit.Block]:
        """Show the report that is meant, or the customers who may be. Raises Refused."""
        name, typed_month = split_month(typed)
        month = str(read_month(typed_month, self._services.today()))
        request = ReportRequest(
            _find_kind(name), "", month, ReportFormat.HTML, current_user.person.language, current_user.actor.team_id
        )
        check_reader(request.kind, current_user.actor)
        if request.kind is not ReportKind.CUSTOMER:
            return self._show(request, current_user)
        matching = self._services.queries.customers(name, LISTED + 1)
        if not matching:
            raise refuse("no_such_customer", typed=block_kit.clip(name, 100))
        requests = [(customer, replace(request, customer_id=customer.id)) for customer in matching[:LISTED]]
        if len(matching) == 1:
            return self._show(requests[0][1], current_user)
        return answer.choose(requests, len(matching) > LISTED, current_user.words)

    def show(self, body: dict[str, Any], respond: Callable[..., Any]) -> None:
        """Show the report of a button, privately, in place of the list."""
        current_user = self._services.admit(user_of(body), team_of(body))
        blocks = self._show(_read(body, current_user), current_user)
        shown = block_kit.fallback_text(blocks)
        respond(text=shown, blocks=blocks, response_type="ephemeral", replace_original=press_origin.is_direct(body))

    def send(self, body: dict[str, Any], respond: Callable[..., Any]) -> None:
        """Ask for the file of a button; a second press while it is on its way asks for nothing more."""
        current_user = self._services.admit(user_of(body), team_of(body))
        request, words = _read(body, current_user), current_user.words
        services = self._services
        services.file_requests.ask_report(current_user.actor.id, str(request), services.now(), click_key(body))
        says = words("The file ({format}) will arrive in your direct messages.", format=request.format.upper())
        text = f"📄 {says}"
        respond(text=text, blocks=[block_kit.section(text)], response_type="ephemeral", replace_original=False)

    def _show(self, request: ReportRequest, current_user: CurrentUser) -> list[block_kit.Block]:
        services, words = self._services, current_user.words
        now, zone = services.now(), services.settings.timezone
        period = ReportPeriod(read_month(request.month, services.today()), zone, now)
        reports, reader = services.monthly_reports, ReportReader(words, services.policy)
        if request.kind is ReportKind.VENDOR:
            return answer.scorecard_blocks(reports.scorecard(period, request.team_id), request, reader)
        if request.kind is ReportKind.TEAM:
            return answer.report_blocks(reports.of_team(period, request.team_id)[0], request, reader)
        report = reports.of_customer(request.customer_id, period, request.team_id)
        if report is None:
            raise refuse("unreadable")
        return answer.report_blocks(report, request, reader)


def _find_kind(name: str) -> ReportKind:
    if name.casefold() in TEAM_WORDS:
        return ReportKind.TEAM
    return ReportKind.VENDOR if name.casefold() in VENDOR_WORDS else ReportKind.CUSTOMER


def _read(body: dict[str, Any], current_user: CurrentUser) -> ReportRequest:
    """Read a button's value. Raises Refused when somebody tampered with it, or may not read the report."""
    try:
        written = json.loads(button_value(body))
        request = read_report_request(json.dumps({**written, "team_id": current_user.actor.team_id}))
    except (ValueError, TypeError, RecursionError) as error:
        raise refuse("unreadable") from error
    if request.language not in LANGUAGES:
        raise refuse("unreadable")
    check_reader(request.kind, current_user.actor)
    return request
