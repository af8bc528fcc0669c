"""Who may read which report. Pure."""

from models.rules.errors import refuse
from models.rules.people import Actor
from models.rules.reports.report_request import ReportKind


def check_reader(kind: ReportKind, actor: Actor) -> None:
    """Check who may read a report: a customer's every full member, those of the team and 21Vianet leads.

    Raises Refused.
    """
    if kind is not ReportKind.CUSTOMER and not actor.is_lead:
        raise refuse("report_for_leads")
