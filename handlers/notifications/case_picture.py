"""Renders the life of an escalation: a picture, and in words how long it was whose turn."""

from handlers.blocks import block_kit
from handlers.chart import case_life
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import ImageAttachment, Message, NotReady
from handlers.notifications.missing_files import explain_missing_picture


def render_case_picture(context: MessageContext) -> Message | None:
    """Return the picture for the thread of the card, or for the person who asked for it."""
    number, queries = context.delivery.number, context.render_context.queries
    escalation = queries.escalation(number) if number else None
    if escalation is None:
        return None
    words = context.reader_words if context.user else Words.of(context.render_context.settings.language)
    place = None if context.user else queries.card_place(escalation.number)
    if place is None and not context.user:
        raise NotReady
    life = _build_life(context, escalation.number, words)
    title = words("The life of {name}", name=escalation.name)
    lines = case_life.describe(life, words)
    text = "\n".join([f"📈 *{block_kit.escape(title)}*", *(f"• {block_kit.escape(line)}" for line in lines)])
    picture = ImageAttachment(
        f"{escalation.name}.png", "\n".join([title, *lines]), lambda: case_life.draw(life, words),
        lambda error: explain_missing_picture(error, words),
    )  # fmt: skip
    blocks = [block_kit.section(text)]
    return Message(
        text, blocks, place.channel if place else None, context.user or None,
        thread_ts=place.ts if place else None, picture=picture,
    )  # fmt: skip


def _build_life(context: MessageContext, number: int, words: Words) -> case_life.CaseLife:
    render_context = context.render_context
    queries = render_context.queries
    escalation, entries = queries.escalation(number), queries.whole_history(number)
    assert escalation  # noqa: S101 - the caller found it
    names = {entry.by: in_words(queries.name_of(entry.by), words) for entry in entries}
    escalation = escalation.model_copy(update={"title": in_words(escalation.title, words)})
    zone = context.find_reader_zone(render_context.settings.timezone)
    return case_life.CaseLife(escalation, queries.timeline(number), entries, names, zone, context.now)
