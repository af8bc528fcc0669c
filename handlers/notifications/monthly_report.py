"""Renders the report of a month as a file, for the person who asked for it."""

from handlers.blocks import block_kit
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext, RenderContext
from handlers.notifications.message import BuiltDocument, DocumentAttachment, Message
from handlers.notifications.missing_files import explain_missing_file
from handlers.reports.documents import ReportFile, name_file, write_monthly, write_scorecard
from handlers.reports.figures import ReportReader, name_month
from models.rules.errors import Refused
from models.rules.people import admit
from models.rules.reports.month import ReportMonth, ReportPeriod, read_month
from models.rules.reports.report_request import ReportFormat, ReportKind, ReportRequest, read_report_request
from models.rules.reports.report_rights import check_reader


def render_report(context: MessageContext) -> Message | None:
    """Return the message that brings the report; None for somebody who may not read it any more."""
    request, words = read_report_request(context.delivery.note), context.reader_words
    if not _may_read(context, request):
        return None
    month = _find_month(request, context)
    title = f"{_name_report(request, words)} · {name_month(month, words)}"
    document = DocumentAttachment(
        name_file(request.kind, month, request.format, request.language),
        lambda: _build(request, month, context, title),
        lambda error: explain_missing_file(error, title, words),
    )
    return Message(title, [block_kit.section(title)], None, context.user, document=document)


def _may_read(context: MessageContext, request: ReportRequest) -> bool:
    leads = context.render_context.settings.leads
    try:
        if context.reader is None:
            return False
        check_reader(request.kind, admit(context.reader, request.team_id, leads))
    except Refused:
        return False
    return True


def _find_month(request: ReportRequest, context: MessageContext) -> ReportMonth:
    zone = context.render_context.settings.timezone
    return read_month(request.month, context.now.astimezone(zone).date())


def _name_report(request: ReportRequest, words: Words) -> str:
    if request.kind is ReportKind.VENDOR:
        return words("Vendor scorecard: 21Vianet")
    return words("Monthly service report")


def _build(request: ReportRequest, month: ReportMonth, context: MessageContext, title: str) -> BuiltDocument:
    """Return the file with the sentence above it. Takes seconds for thousands of cases."""
    shared, words = context.render_context, context.reader_words
    period = ReportPeriod(month, shared.settings.timezone, context.now)
    file, about = _write(request, period, shared)
    if file is None:
        return BuiltDocument(f"{title}\n{words('This customer is no longer on the list.')}")
    lines = [f"📄 {title}{f' · {block_kit.escape(about)}' if about else ''}"]
    if request.format is ReportFormat.HTML:
        lines.append(words("Open it in a browser and print it, or save it as PDF."))
    return BuiltDocument("\n".join(lines), file.content)


def _write(request: ReportRequest, period: ReportPeriod, shared: RenderContext) -> tuple[ReportFile | None, str]:
    """Return the file and the customer's name; no file when there is no such customer."""
    reports, reader = shared.monthly_reports, ReportReader(Words.of(request.language), shared.policy)
    if request.kind is ReportKind.VENDOR:
        return write_scorecard(reports.scorecard(period, request.team_id), reader, request.format), ""
    if request.kind is ReportKind.TEAM:
        report, scorecard = reports.of_team(period, request.team_id)
        return write_monthly(report, reader, request.format, scorecard), ""
    theirs = reports.of_customer(request.customer_id, period, request.team_id)
    return (None, "") if theirs is None else (write_monthly(theirs, reader, request.format), theirs.customer)
