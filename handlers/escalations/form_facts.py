"""What a form is filled with besides what was typed: the customer's record, and when service health was looked at."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers import ids
from handlers.blocks.raise_form import FormValues
from handlers.context import Services
from handlers.escalations.form_state import FormState
from handlers.escalations.store_reads import StoreReads
from handlers.payloads import TYPED
from models.rules.escalations.request import RequestKind, ServiceHealth
from models.rules.escalations.review_questions import read_record
from models.rules.times import parse_utc

HEALTH_AT = "health_at"


def with_record(filled: FormValues, services: Services, reads: StoreReads | None = None) -> FormValues:
    """Return the answers with what the record of the chosen customer says; nothing while the store is away."""
    nothing: Mapping[str, str] = {}
    on_record = (reads or StoreReads()).read(lambda: read_record_answers(filled, services), nothing)
    return replace(filled, record_answers=on_record)


def read_record_answers(filled: FormValues, services: Services) -> Mapping[str, str]:
    """Return what the record of the chosen customer answers; nothing of a customer who is not on the list.

    Raises NotSaved while the store is away. A submission ends with it, because Slack waits three seconds only.
    """
    chosen = filled.customer[1] if filled.customer and filled.get("kind") == RequestKind.CUSTOMER else TYPED
    if chosen.startswith(TYPED):
        return {}
    service = services.policy.service(filled.get("service") or "")
    return read_record(services.queries.customer_record(chosen), service)


def note_health(draft: FormState, action: Mapping[str, Any], services: Services) -> FormState:
    """Return the draft with the time at which service health was looked at: when it was answered."""
    if action["action_id"] != f"{ids.FORM_FIELD}health":
        return draft
    answers = {**draft.filled.answers, HEALTH_AT: services.now().isoformat()}
    return FormState(replace(draft.filled, answers=answers))


def find_health_time(filled: FormValues, answers: Mapping[str, Any], services: Services) -> Mapping[str, Any]:
    """Return when service health was looked at, at the latest now; nothing when nobody could look."""
    if answers.get("health") in {None, "", ServiceHealth.NO_ACCESS}:
        return {}
    now = services.now()
    try:
        looked = parse_utc(str(filled.get(HEALTH_AT)))
    except ValueError:  # its redrawing was lost, or the client changed it
        looked = now
    return {HEALTH_AT: min(looked, now).isoformat()}
