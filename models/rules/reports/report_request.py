"""What reports there are, and in which files."""

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
