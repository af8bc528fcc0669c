"""Similar past cases: found by what is typed into the form, or by a case."""

from collections.abc import Sequence

from handlers.blocks.raise_form import FormValues
from handlers.context import Services
from handlers.payloads import Body, team_of
from models.escalations.similar_cases import SimilarCase
from models.rules.errors import NotSaved
from models.rules.escalations.escalation import Escalation


def find_similar(services: Services, filled: FormValues, body: Body) -> Sequence[SimilarCase]:
    """Return solved cases that are like what is typed. None while the store is away: the form goes on without."""
    text = "\n".join(str(filled.get(name) or "") for name in ("title", "details"))
    try:
        return services.similar_cases.find(str(filled.get("service") or ""), text, team_of(body))
    except NotSaved:
        return ()


def find_similar_to(services: Services, escalation: Escalation) -> Sequence[SimilarCase]:
    """Return other solved cases that are like a case; none while the store is away."""
    text = f"{escalation.title}\n{escalation.details}"
    try:
        return services.similar_cases.find(escalation.service, text, escalation.team_id, besides=escalation.number)
    except NotSaved:
        return ()
