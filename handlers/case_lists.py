"""Which escalations a list or a search shows to its reader."""

from handlers.i18n.case_filters import FilterContext, parse_selection
from models.escalations.queries import EscalationPage, EscalationQueries
from models.rules.escalations.export_request import CaseList


def find_page(
    queries: EscalationQueries, shown: tuple[CaseList, str], team_id: str, reader: FilterContext, page: tuple[int, int]
) -> EscalationPage:
    """Return a page of a list, or of what a query finds: ``shown`` is both, ``page`` its size and its offset.

    Raises Refused for a query that can't be read.
    """
    what, query = shown
    size, offset = page
    if what is CaseList.OPEN:
        return queries.open_page(team_id, size, offset)
    if what is CaseList.OWN:
        return queries.own_page(reader.me, team_id, size, offset)
    return queries.search_page(parse_selection(query, reader), team_id, size, offset)
