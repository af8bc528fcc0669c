"""Renders the packet for a remediation meeting as a file, for the lead who asked for it."""

from functools import cache

from handlers.blocks import block_kit
from handlers.notifications.context import MessageContext, RenderContext
from handlers.notifications.message import BuiltDocument, DocumentAttachment, Message
from handlers.notifications.missing_files import explain_missing_file
from handlers.printable.page import render_page
from handlers.printable.remediation_packet import PacketReader, build_packet, read_packet_facts
from models.rules.errors import Refused
from models.rules.people import admit
from models.rules.remediation.packet_request import PacketRequest, read_packet_request
from models.rules.remediation.record import Remediation


def render_packet(context: MessageContext) -> Message | None:
    """Return the message that brings the packet; None for somebody who is no lead any more."""
    request, words = read_packet_request(context.delivery.note), context.reader_words
    record = context.render_context.remediation_records.find(request.number, request.team_id)
    if record is None or not _is_still_lead(context, request):
        return None
    title = words("Packet for the meeting about {name}", name=record.name)
    document = DocumentAttachment(
        f"remediation-{record.name}-{request.language}.html",
        lambda: _build(request, record, context, title),
        lambda error: explain_missing_file(error, title, words),
    )
    return Message(title, [block_kit.section(title)], None, context.user, document=document)


def _is_still_lead(context: MessageContext, request: PacketRequest) -> bool:
    leads = context.render_context.settings.leads
    try:
        return context.reader is not None and admit(context.reader, request.team_id, leads).is_lead
    except Refused:
        return False


def _build(request: PacketRequest, record: Remediation, context: MessageContext, title: str) -> BuiltDocument:
    shared: RenderContext = context.render_context
    reader = PacketReader(request.language, shared.settings.timezone, shared.policy, cache(shared.queries.name_of))
    facts = read_packet_facts(record, shared.returned_cases, shared.queries, reader.zone)
    words = context.reader_words
    hint = words("Open it in a browser and print it, or save it as PDF.")
    return BuiltDocument(f"📄 {title}\n{hint}", render_page(build_packet(facts, reader, context.now)).encode())
