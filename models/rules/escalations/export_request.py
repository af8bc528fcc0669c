"""What somebody wants as a file: which list or search, and in which format. Pure."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

MOST_EXPORTED = 10_000
"""Escalations in a file that Slack brings. The operator's terminal writes any number."""


class ExportFormat(StrEnum):
    """The export of escalations."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


class CaseList(StrEnum):
    """The lists of escalations that Slack shows. The values are stored."""

    OPEN = "list"
    OWN = "mine"
    SEARCH = "search"


@dataclass(frozen=True)
class ExportRequest:
    """One list of a team as a file. ``query`` is what was typed for a search."""

    what: CaseList
    query: str
    format: ExportFormat
    team_id: str

    def __str__(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def read_request(text: str) -> ExportRequest:
    """Return the request that was written so. Raises ValueError."""
    try:
        written = json.loads(text)
        what, form = CaseList(written["what"]), ExportFormat(written["format"])
        return ExportRequest(what, str(written["query"]), form, str(written["team_id"]))
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("not a request for a file") from error
