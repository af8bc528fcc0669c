"""Which escalations a list or a search shows to its reader."""

from collections.abc import Callable
from dataclasses import dataclass

from handlers.i18n.case_filters import FilterContext, parse_selection
from models.escalations.queries import EscalationPage, EscalationQueries
from models.rules.escalations.export_request import CaseList


@dataclass(frozen=True)
class ListReader:
    """Who reads a list: a user (a Slack id) of a team, and what filters mean to them, asked for when one is read."""

    user: str
    team_id: str
    read_filters: Callable[[], FilterContext]


def find_page(
    queries: EscalationQueries, what: CaseList, query: str, reader: ListReader, size: int, offset: int = 0
) -> EscalationPage:
    """Return a page of a list, or of what a query finds. Raises Refused for a query that can't be read."""
    if what is CaseList.OPEN:
        return queries.open_page(reader.team_id, size, offset)
    if what is CaseList.OWN:
        return queries.own_page(reader.user, reader.team_id, size, offset)
    return queries.search_page(parse_selection(query, reader.read_filters()), reader.team_id, size, offset)
