"""An override request between two views of its form: read from fields, kept in metadata, turned into overrides."""

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
"""Latest end of a request, in seconds since 1970."""
KIND = {
    COVER: OverrideKind.OVERRIDE, TAKE: OverrideKind.OVERRIDE, STEP_IN: OverrideKind.OVERRIDE,
    LEAVE: OverrideKind.TIME_OFF,
    ACCEPT_GAP: OverrideKind.ACCEPT_GAP, CANCEL: OverrideKind.CANCEL, STAY: OverrideKind.OVERRIDE,
}  # fmt: skip


def to_metadata(request: OverrideRequest) -> str:
    """Return the request as the metadata of a view. The longest reason still fits Slack's 3,000 characters."""
    return json.dumps({name: value for name, value in asdict(request).items() if value}, ensure_ascii=False)


def read_metadata(view: Body) -> OverrideRequest:
    """Read the request from a view's metadata. Raises Refused when it was tampered with."""
    try:
        data = json.loads(str(view.get("private_metadata") or "{}"))
        texts = {
            name: str(data.get(name) or "")
            for name in ("kind", "seat", "member", "instead_of", "why", "shown", "place")
        }
        numbers = {name: _seconds(data.get(name)) for name in ("start", "end", "shown_at")}
        request = OverrideRequest(**texts, **numbers, of=int(data.get("of") or 0))  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    if request.kind not in KIND or len(request.why) > WHY_LIMIT:
        raise refuse("unreadable")
    return request


def read_form(view: Body, requester: Requester) -> OverrideRequest:
    """Return the request with the values of its form's fields. Without a field for the member, it is oneself."""
    before, answers = read_metadata(view), typed(view)
    request = replace(
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
    _complete(request)
    return request


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


def _complete(request: OverrideRequest) -> None:
    missing = [name for name in ("start", "end") if getattr(request, name) is None]
    missing += ["seat"] if request.kind in {COVER, TAKE, STAY} and not request.seat else []
    missing += ["member"] if request.kind in {COVER, LEAVE, TAKE, STAY} and not request.member else []
    missing += ["why"] if request.kind == ACCEPT_GAP and not request.why.strip() else []
    if missing:
        raise Refused(*(Refusal("missing", name) for name in missing))
    if not all(0 <= (seconds or 0) <= LATEST for seconds in (request.start, request.end)):
        raise refuse("unknown_choice", "end")


def to_overrides(request: OverrideRequest, by: str, now: datetime) -> list[Override]:
    """Return the overrides of a request. What has begun already counts from now on: the past never changes."""
    kind = KIND[request.kind]
    start = request.starts if request.ends <= now or kind is OverrideKind.CANCEL else max(request.starts, now)
    return [
        Override(
            0, now, by, kind, start, request.ends, member=request.member, seat=request.seat,
            instead_of=request.instead_of, of=request.of or None, why=request.why,
        )
    ]  # fmt: skip


def shown_at(request: OverrideRequest, now: datetime) -> datetime:
    """Return when the preview was shown; now, if it was not."""
    return now if request.shown_at is None else datetime.fromtimestamp(request.shown_at, UTC)


def opens_nothing_new(impact: Impact, shown: Impact) -> bool:
    """Return whether the change opens only gaps that the preview showed. Their times may move with the clock."""
    opened, before = ({(gap.seat, gap.reason, gap.people) for gap in side.opened_gaps} for side in (impact, shown))
    return opened <= before


def fingerprint(impact: Impact, now: datetime) -> str:
    """Return a fingerprint of a preview; it differs as soon as anything in the preview does.

    What starts “now” keeps its fingerprint while time passes.
    """
    moved = [
        (item.seat, item.slot_number, _mark(item.start, now), item.end, item.before, item.after)
        for item in impact.reassigned
    ]
    gaps = [
        [(item.seat, _mark(item.start, now), item.end, item.reason, item.people, item.missing) for item in side]
        for side in (impact.opened_gaps, impact.closed_gaps)
    ]
    return hashlib.sha256(repr((moved, gaps)).encode()).hexdigest()[:16]


def _mark(start: datetime, now: datetime) -> str:
    return "now" if start <= now else start.isoformat()
