"""What is said of a shift or a handover, from what holds when it is sent; None when there is nothing left to say."""

from collections.abc import Iterable

from handlers.blocks import duty_watch, kit
from handlers.blocks.duty import place_name
from handlers.blocks.duty_watch import HandoverView, Said, ShiftView
from handlers.blocks.rota import Reader
from models.escalation import Escalation
from models.gap_book import Kept
from models.nags import subjects
from models.nags.handover import CARD_BEFORE
from models.rota.duty import Handover, confirmation
from models.scene import Scene
from models.vigil.owing import handover_name


def reminder(subject: str, scene: Scene, reader: Reader) -> Said | None:
    """To its person, ahead of their shift."""
    view = _shift(subject, scene, reader)
    return duty_watch.own_shift(view, reader) if view else None


def unconfirmed(subject: str, scene: Scene, reader: Reader, user: str) -> Said | None:
    """A shift nobody confirmed: to its person, or to whoever is called."""
    view = _shift(subject, scene, reader)
    if view is None or view.confirmed:
        return None
    if user and user == scene.user_of(view.shift.member):
        return duty_watch.own_shift(view, reader)
    if view.handover and reader.now >= view.shift.start:
        return None  # it comes late, and the handover speaks
    return duty_watch.unconfirmed(view, reader)


def waiting(subject: str, scene: Scene, reader: Reader, user: str, is_lead: bool) -> Said | None:
    """A handover that lacks a press: to one of the two, to a lead, or in its thread."""
    found = _handover(subject, scene)
    if found is None or found.done_at or reader.now >= found.incoming.end:
        return None
    return duty_watch.waiting(found, user, is_lead, reader)


def over(subject: str, scene: Scene, reader: Reader, user: str) -> str:
    """What stands in place of a reminder once what it asked for was done; empty while it was not."""
    if subject.startswith(subjects.HANDOVER):
        found = _handover(subject, scene)
        return duty_watch.handed_over(found, reader) if found and found.done_at else ""
    view = _shift(subject, scene, reader)
    if view is None or not view.confirmed:
        return ""
    if user and user == scene.user_of(view.shift.member):
        return duty_watch.own_shift(view, reader)[0]
    return duty_watch.answered(view, reader)


def card(
    subject: str, scene: Scene, reader: Reader, cases: Iterable[Escalation], gaps: Iterable[Kept]
) -> tuple[str, list[kit.Block]] | None:
    """The card of a handover and its text; the outgoing person's cases come first."""
    found = _handover(subject, scene)
    if found is None:
        return None
    shift, outgoing = found.incoming, scene.user_of(found.outgoing)
    ordered = sorted(cases, key=lambda case: (case.owner != outgoing, case.number))
    coming = [gap for gap in gaps if gap.start < shift.end and shift.start < gap.end]
    here = [one for one in scene.presses if one.place == found.place and one.shift_start == found.at]
    view = HandoverView(found, ordered, coming, [one.text for one in here if one.text])
    said = f"🤝 {reader.words('Handover')}{reader.words.colon}{place_name(found.place, reader.words)}"
    return said, duty_watch.handover_card(view, reader)


def _shift(subject: str, scene: Scene, reader: Reader) -> ShiftView | None:
    name = subjects.shift_of(subject)
    found = scene.shift(name.place, name.start, name.person)
    if found is None or reader.now >= found.end:
        return None
    due = (one for one in scene.handovers if one.incoming == found and reader.now >= one.at - CARD_BEFORE)
    return ShiftView(found, confirmation(found, scene.presses), next(due, None))


def _handover(subject: str, scene: Scene) -> Handover | None:
    name = subjects.handover_of(subject)
    return next((one for one in scene.handovers if handover_name(one) == name), None)
