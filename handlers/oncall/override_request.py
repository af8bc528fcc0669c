"""What somebody wants to change, between two looks of its form: read from fields, carried along, told as changes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from handlers.blocks.override_form import (
    ACCEPT_GAP,
    ALL_SEATS,
    CANCEL,
    COVER,
    LEAVE,
    STAY,
    STEP_IN,
    TAKE,
    WHY_LIMIT,
    OverrideRequest,
    member_key,
)
from handlers.oncall.requester import Requester
from handlers.payloads import Body, instant, typed
from models.rules.errors import Refusal, Refused, refuse
from models.rules.rota.impact import Impact
from models.rules.rota.overrides import Override, OverrideKind
from models.rules.rota.rota import Rota
from models.rules.times import ENDLESS

LATEST = int(ENDLESS.timestamp())
"""No rota is planned beyond."""
KIND = {
    COVER: OverrideKind.OVERRIDE, TAKE: OverrideKind.OVERRIDE, STEP_IN: OverrideKind.OVERRIDE,
    LEAVE: OverrideKind.TIME_OFF,
    ACCEPT_GAP: OverrideKind.ACCEPT_GAP, CANCEL: OverrideKind.CANCEL, STAY: OverrideKind.OVERRIDE,
}  # fmt: skip


def metadata(wish: OverrideRequest) -> str:
    """A wish as a view carries it; long reasons still fit into Slack's 3,000 characters."""
    return json.dumps({name: value for name, value in asdict(wish).items() if value}, ensure_ascii=False)


def carried(view: Body) -> OverrideRequest:
    """The wish a view carries. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(str(view.get("private_metadata") or "{}"))
        texts = {
            name: str(data.get(name) or "")
            for name in ("kind", "seat", "member", "instead_of", "why", "shown", "place")
        }
        numbers = {name: _seconds(data.get(name)) for name in ("start", "end", "shown_at")}
        wish = OverrideRequest(**texts, **numbers, of=int(data.get("of") or 0))  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    if wish.kind not in KIND or len(wish.why) > WHY_LIMIT:
        raise refuse("unreadable")
    return wish


def filled(view: Body, requester: Requester) -> OverrideRequest:
    """The wish with what stands in the fields of its form; whoever may not choose somebody means themselves."""
    before, answers = carried(view), typed(view)
    wish = replace(
        before,
        seat=_seat(answers, before),
        member=_member(answers, "member", requester.rota) or before.member,
        instead_of=_member(answers, "instead_of", requester.rota),
        start=_time(answers, "start", before.start),
        end=_time(answers, "end", before.end),
        why=str(answers["why"] or "") if "why" in answers else before.why,
        shown="",
        shown_at=None,
    )
    _complete(wish)
    return wish


def _seat(answers: Mapping[str, Any], before: OverrideRequest) -> str:
    seat = answers.get("seat")
    return before.seat if seat is None else "" if seat == ALL_SEATS else str(seat)


def _member(answers: Mapping[str, Any], field: str, rota: Rota) -> str:
    wanted = answers.get(field)
    if not wanted:
        return ""
    for member in rota.members.values():
        if member_key(member) == wanted:
            return member.name
    raise refuse("no_such_member", field, name=str(wanted))


def _time(answers: Mapping[str, Any], field: str, before: int | None) -> int | None:
    if field not in answers:
        return before
    return int(instant(answers[field], field).timestamp()) if answers[field] else None


def _seconds(value: object) -> int | None:
    if value is None:
        return None
    seconds = int(str(value))
    if not 0 <= seconds <= LATEST:
        raise ValueError(seconds)
    return seconds


def _complete(wish: OverrideRequest) -> None:
    missing = [name for name in ("start", "end") if getattr(wish, name) is None]
    missing += ["seat"] if wish.kind in {COVER, TAKE, STAY} and not wish.seat else []
    missing += ["member"] if wish.kind in {COVER, LEAVE, TAKE, STAY} and not wish.member else []
    missing += ["why"] if wish.kind == ACCEPT_GAP and not wish.why.strip() else []
    if missing:
        raise Refused(*(Refusal("missing", name) for name in missing))
    if not all(0 <= (seconds or 0) <= LATEST for seconds in (wish.start, wish.end)):
        raise refuse("unknown_choice", "end")


def changes(wish: OverrideRequest, by: str, now: datetime) -> list[Override]:
    """The wish as changes of the rota: what has begun already counts from now on, for the past never changes."""
    kind = KIND[wish.kind]
    start = wish.starts if wish.ends <= now or kind is OverrideKind.CANCEL else max(wish.starts, now)
    return [
        Override(
            0, now, by, kind, start, wish.ends, member=wish.member, seat=wish.seat, instead_of=wish.instead_of,
            of=wish.of or None, why=wish.why,
        )
    ]  # fmt: skip


def shown_at(wish: OverrideRequest, now: datetime) -> datetime:
    """When what would happen was shown; now, if it was not."""
    return now if wish.shown_at is None else datetime.fromtimestamp(wish.shown_at, UTC)


def opens_no_more(outcome: Impact, shown: Impact) -> bool:
    """Whether what opens by now is of the kind that was shown: only its times may have moved on with the clock."""
    opened, known = ({(one.seat, one.reason, one.people) for one in some.opened_gaps} for some in (outcome, shown))
    return opened <= known


def seen(outcome: Impact, now: datetime) -> str:
    """A mark of what was shown: another one as soon as anything of it differs. What begins “now” does so later too."""
    moved = [
        (one.seat, one.slot_number, _mark(one.start, now), one.end, one.before, one.after) for one in outcome.reassigned
    ]
    gaps = [
        [(one.seat, _mark(one.start, now), one.end, one.reason, one.people, one.missing) for one in some]
        for some in (outcome.opened_gaps, outcome.closed_gaps)
    ]
    return hashlib.sha256(repr((moved, gaps)).encode()).hexdigest()[:16]


def _mark(start: datetime, now: datetime) -> str:
    return "now" if start <= now else start.isoformat()
