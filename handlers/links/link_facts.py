"""What the page of a link says of its gap, shift or handover: when it is, where and whose; of a case until when."""

from handlers import ids
from handlers.blocks.deadline_words import describe_wait
from handlers.blocks.schedule import ViewContext, gap_text
from handlers.context import Services
from handlers.i18n.dates import name_zone
from handlers.i18n.words import Words
from models.rules.reach.link import LinkAction, WantedLink
from models.rules.rota.on_call import LOOK_BACK
from models.rules.rota.rota import Rota
from models.rules.rota.shifts import Shift
from models.rules.times import SECOND


def describe_subject(wanted: WantedLink, services: Services, words: Words) -> str:
    """Return the case, gap, shift or handover of a link in the zone of its person; empty when it is gone."""
    zone, now = services.zone_for(wanted.person), services.now()
    if wanted.action is LinkAction.ACKNOWLEDGE:
        case = services.queries.escalation(int(wanted.value))
        return describe_wait(case, services.policy.reminder_times, zone, words, now, names_zone=True) if case else ""
    rota = services.rota_store.rota(now)
    viewer = ViewContext(words, zone, rota or Rota(seats=()), now)
    facts = _describe_gap if wanted.action is LinkAction.TAKE_GAP else _describe_shift
    return facts(wanted, services, viewer)


def _describe_gap(wanted: WantedLink, services: Services, viewer: ViewContext) -> str:
    gap = services.gap_register.find(ids.gap_of(wanted.value).number)
    if gap is None:
        return ""
    return f"{_name_zone(viewer.interval(gap.start, gap.end), viewer)} · {gap_text(gap.gap, viewer.words)}"


def _describe_shift(wanted: WantedLink, services: Services, viewer: ViewContext) -> str:
    subject = ids.shift_of(wanted.value)
    seat = viewer.slot_name(subject.slot)
    if wanted.action in {LinkAction.HAND_OVER, LinkAction.TAKE_OVER}:
        at = subject.start
        people = [
            f"{handover.outgoing} → {handover.incoming.member}"
            for handover in services.confirmations.handovers(at, at + SECOND, viewer.now)
            if handover.slot == subject.slot
        ]
        return f"{_name_zone(viewer.moment(at), viewer)} · {seat} · {people[0]}" if people else ""
    shift = _find_shift(subject, services)
    if shift is None:
        return ""
    return f"{_name_zone(viewer.interval(shift.start, shift.end), viewer)} · {seat} · {shift.member}"


def _name_zone(times: str, viewer: ViewContext) -> str:
    return name_zone(times, viewer.zone, viewer.words)


def _find_shift(subject: ids.ShiftSubject, services: Services) -> Shift | None:
    """Return the shift as it is planned now; None once it has moved."""
    now, start = services.now(), subject.start
    first, last = (now - LOOK_BACK, now) if start <= now else (start - SECOND, start)
    wanted = (subject.slot.seat, subject.slot.number, start, subject.person)
    shifts = services.rota_store.shift_bounds(now, first, last + SECOND)
    return next((each for each in shifts if (each.seat, each.slot_number, each.start, each.member) == wanted), None)
