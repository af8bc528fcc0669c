"""What reports there are, in which files, and which one somebody wants. Pure."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class ReportFormat(StrEnum):
    """The files of a report."""

    HTML = "html"
    XLSX = "xlsx"


class ReportKind(StrEnum):
    """What a report is about. The values are stored."""

    CUSTOMER = "customer"
    TEAM = "team"
    VENDOR = "vendor"


@dataclass(frozen=True)
class ReportRequest:
    """One report of a team. ``month`` is written as 2026-10; ``customer_id`` is empty for the team and 21Vianet."""

    kind: ReportKind
    customer_id: str
    month: str
    format: ReportFormat
    language: str  # of the file: en or zh_CN
    team_id: str

    def __str__(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def read_report_request(text: str) -> ReportRequest:
    """Return the request that was written so. Raises ValueError."""
    try:
        written = json.loads(text)
        kind, form = ReportKind(written["kind"]), ReportFormat(written["format"])
        texts = [str(written[name]) for name in ("language", "team_id")]
        return ReportRequest(kind, str(written["customer_id"]), str(written["month"]), form, *texts)
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("not a request for a report") from error
