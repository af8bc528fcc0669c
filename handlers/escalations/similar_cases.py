"""Similar past cases: found by what is typed into the form, or by a case."""

from collections.abc import Sequence

from handlers.blocks.needed_answers import NEEDED_TO_SOLVE, list_missing
from handlers.blocks.raise_form import FormValues
from handlers.blocks.similar_cases import does_ask_first, read_names
from handlers.context import Services
from handlers.escalations.store_reads import StoreReads
from handlers.payloads import Body, team_of
from models.escalations.similar_cases import SimilarCase
from models.rules.errors import NotSaved
from models.rules.escalations.escalation import Escalation


def find_similar(
    services: Services, filled: FormValues, body: Body, reads: StoreReads | None = None
) -> Sequence[SimilarCase]:
    """Return solved cases that are like what is typed. None while the store is away: the form goes on without."""
    text = "\n".join(str(filled.get(name) or "") for name in ("title", "details"))
    service, team = str(filled.get("service") or ""), team_of(body)
    return (reads or StoreReads()).read(lambda: services.similar_cases.find(service, text, team), [])


def shows_same(similar: Sequence[SimilarCase], filled: FormValues, view: Body) -> bool:
    """Return whether a form shows these similar cases, with buttons that fit what is filled in."""
    if [case.name for case in similar] != read_names(view):
        return False
    is_complete = not list_missing(filled, NEEDED_TO_SOLVE)
    return not similar or does_ask_first(view) is is_complete


def find_similar_to(services: Services, escalation: Escalation) -> Sequence[SimilarCase]:
    """Return other solved cases that are like a case; none while the store is away."""
    text = f"{escalation.title}\n{escalation.details}"
    try:
        return services.similar_cases.find(escalation.service, text, escalation.team_id, besides=escalation.number)
    except NotSaved:
        return ()
