"""Three texts for the customer, to copy: received, in between, solved. Plain text in Chinese and in English.

They hold no internal words: no owner, no status, no notes.
"""

from collections.abc import Iterator
from enum import StrEnum
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit, vendor_text
from handlers.i18n import labels
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.words import LANGUAGES, N_, Words
from models.rules.escalations.escalation import Escalation, Turn


class Stage(StrEnum):
    """What the customer is written about."""

    RECEIVED = "received"
    IN_BETWEEN = "in_between"
    SOLVED = "solved"


NAME = {Stage.RECEIVED: N_("Received"), Stage.IN_BETWEEN: N_("In between"), Stage.SOLVED: N_("Solved")}
OPENING = {
    Stage.RECEIVED: N_("We have received your request and are looking into it."),
    Stage.IN_BETWEEN: N_("This is where your request stands."),
    Stage.SOLVED: N_("Your request has been resolved."),
}
TO_SUBMIT = N_("We are checking it and will submit it to 21Vianet, which operates the service.")
NEXT = {
    Turn.OURS: N_("We are working on it."),
    Turn.VENDOR: N_("21Vianet, which operates the service, is working on it, and we follow its progress."),
    Turn.CUSTOMER: N_("We need some information from you to continue. Please reply to our questions."),
}
CHECK = N_(
    "Please check that everything works. If it doesn't, reply with our case number and we'll get back to it at once."
)


def blocks(escalation: Escalation, words: Words, zone: ZoneInfo) -> list[block_kit.Block]:
    """Return the texts, each in both languages; the language of the text for 21Vianet comes first."""
    first = vendor_text.language_of(escalation)
    languages = sorted(LANGUAGES, key=lambda language: language != first)
    elements = [block_kit.line(block_kit.run(words("Text for the customer, to copy:")))]
    for stage in Stage:
        elements.append(block_kit.line(block_kit.run(words(NAME[stage]), "bold")))
        elements += [
            block_kit.preformatted(text(escalation, stage, Words.of(language), zone)) for language in languages
        ]
    return [block_kit.rich(*elements)]


def text(escalation: Escalation, stage: Stage, words: Words, zone: ZoneInfo) -> str:
    """Return one text; times are in ``zone``."""
    return "\n".join(_lines(escalation, stage, words, zone))


def _lines(e: Escalation, stage: Stage, words: Words, zone: ZoneInfo) -> Iterator[str]:
    def said(label: str, value: str) -> str:
        return f"{label}{words.colon}{value}"

    yield words("Dear customer,")
    yield words(OPENING[stage])
    yield said(words("Subject"), e.title)
    yield said(words("Our case number"), e.name)
    if e.request_number:
        yield said(words(labels.FIELD["request_number"]), e.request_number)
    yield said(words(labels.FIELD["severity"]), words(labels.SEVERITY[e.current_severity]))
    yield said(words("What happens next"), words(_next_step(e, stage)))
    if stage is not Stage.SOLVED:
        yield _next_update(e, words, zone)


def _next_step(e: Escalation, stage: Stage) -> str:
    if stage is Stage.SOLVED:
        return CHECK
    return NEXT[e.turn] if e.request_number or stage is Stage.IN_BETWEEN else TO_SUBMIT


def _next_update(e: Escalation, words: Words, zone: ZoneInfo) -> str:
    if e.promised_at is None:
        return words("We will update you as soon as there is news.")
    at = f"{numeric_moment(e.promised_at, zone)}{words.in_brackets(short_zone_name(zone, words))}"
    return words("We will update you again by {at}.", at=at)
