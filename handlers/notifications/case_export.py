"""Renders the escalations of a list or a search as a file, for the person who asked for it."""

from dataclasses import replace
from functools import cache
from io import BytesIO

from handlers.blocks import block_kit
from handlers.case_lists import ListReader, find_page
from handlers.i18n.case_filters import FilterContext
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import BuiltDocument, DocumentAttachment, Message
from handlers.notifications.missing_files import explain_missing_file
from handlers.workbook import Reader, write_workbook
from models.escalations.queries import EscalationPage
from models.rules.errors import Refused
from models.rules.escalations.export import csv_lines, json_lines
from models.rules.escalations.export_request import (
    MOST_EXPORTED,
    CaseList,
    ExportFormat,
    ExportRequest,
    read_request,
)
from models.rules.people import admit

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that is sent to Slack."""


def render_case_export(context: MessageContext) -> Message | None:
    """Return the message that brings the file; None for somebody who may not see escalations any more."""
    request, words = read_request(context.delivery.note), context.reader_words
    try:
        if context.reader is None:
            return None
        admit(context.reader, request.team_id, context.render_context.settings.leads)
    except Refused:
        return None
    title = describe(request, words)
    name = f"escalations-{context.delivery.created_at:%Y%m%d-%H%M%S}.{request.format}"
    document = DocumentAttachment(
        name, lambda: _build(request, context, title), lambda error: explain_missing_file(error, title, words)
    )
    return Message(title, [block_kit.section(title)], None, context.user, document=document)


def describe(request: ExportRequest, words: Words) -> str:
    """Return what is asked for, escaped."""
    named = {
        CaseList.OPEN: words("Open escalations"),
        CaseList.OWN: words("Yours"),
        CaseList.SEARCH: words("Results for “{query}”", query=block_kit.clip(request.query, 100)),
    }
    return block_kit.escape(f"{named[request.what]} · {request.format.upper()}")


def _build(request: ExportRequest, context: MessageContext, title: str) -> BuiltDocument:
    """Return the file with the sentence above it. Takes some seconds for thousands of escalations."""
    words = context.reader_words
    page = _find(request, context)
    if not page.escalations:
        return BuiltDocument(f"{title}\n{words('There is nothing to export.')}")
    content = _write(request, context, sorted(escalation.number for escalation in page.escalations))
    if len(content) > LARGEST:
        return BuiltDocument(f"{title}\n{words('The file is too large for Slack. Use filters to select less.')}")
    count = len(page.escalations)
    lines = [
        f"📄 {title}",
        words.plural("{n} escalation with its history", "{n} escalations with their histories", count),
    ]
    if page.more:
        lines.append(words("There are more. In the terminal `csp-escalate escalations export` writes them all."))
    return BuiltDocument("\n".join(lines), content)


def _find(request: ExportRequest, context: MessageContext) -> EscalationPage:
    """Return the escalations as they are now; days in the query count from when it was asked."""
    shared, zone = context.render_context, context.find_reader_zone(context.render_context.settings.timezone)
    filters = FilterContext(
        context.reader_words, tuple(shared.policy.services.values()), zone,
        context.delivery.created_at.astimezone(zone).date(), lambda: shared.queries.names_of_team(request.team_id),
        context.user,
    )  # fmt: skip
    reader = ListReader(context.user, request.team_id, lambda: filters)
    page = find_page(shared.queries, request.what, request.query, reader, MOST_EXPORTED)
    return replace(page, escalations=page.escalations[:MOST_EXPORTED])


def _write(request: ExportRequest, context: MessageContext, numbers: list[int]) -> bytes:
    shared, target = context.render_context, BytesIO()
    name_of = cache(shared.queries.name_of)
    histories = shared.queries.with_history(numbers)
    if request.format is ExportFormat.XLSX:
        zone = context.find_reader_zone(shared.settings.timezone)
        write_workbook(target, histories, Reader(context.reader_words, zone, shared.policy, name_of))
    else:
        lines = csv_lines if request.format is ExportFormat.CSV else json_lines
        target.writelines(line.encode() for line in lines(histories, name_of))
    return target.getvalue()
