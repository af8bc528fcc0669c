"""The customers of one incident: attached from the form, informed with one text, resolved with their parent."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import incidents, similar_cases
from handlers.blocks.raise_form import FormValues
from handlers.context import AT_SUBMIT, CurrentUser, Services, SlackResponder
from handlers.escalations.store_reads import StoreReads
from handlers.payloads import Body, submission_key, team_of, typed, user_of
from models.rules.errors import refuse
from models.rules.escalations.escalation import Escalation, InformedBy, Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import RequestKind, ServiceHealth

Ack = Callable[..., Any]


def find_incidents(
    services: Services, filled: FormValues, body: Body, reads: StoreReads | None = None
) -> Sequence[Escalation]:
    """Return the open cases to which what is in the form can be attached; none while the store is away."""
    is_hit = filled.get("kind") == RequestKind.CUSTOMER and filled.get("health") == ServiceHealth.INCIDENT
    if not is_hit:
        return ()
    service, incident_id = (str(filled.get(name) or "") for name in ("service", "incident_id"))
    team = team_of(body)
    return (reads or StoreReads()).read(lambda: services.incident_cases.find_parents(service, incident_id, team), [])


class IncidentActions:
    """What is done to the children of a case."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def press(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form of a button that informs all customers."""
        self.open(ids.INFORM_CHILDREN, ids.subject_of(body["actions"][0]["value"]).number, body, client)

    def open(self, choice: str, number: int, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form of a choice of the card's menu. Raises Refused when there is nobody to inform or resolve."""
        current_user = self._services.admit(user_of(body), team_of(body))
        parent = self._find(number, current_user)
        if choice == ids.INFORM_CHILDREN:
            self._check_may_inform(parent, current_user)
            cases = self._check_any(filter(incidents.can_inform, self._find_affected(parent)), parent)
            view = incidents.inform_form(parent, cases, current_user.words, self._services.policy)
        else:
            children = self._check_any(filter(incidents.can_resolve, self._find_children(parent)), parent)
            self._check_resolved(parent)
            view = incidents.resolve_form(parent, children, current_user.words)
        if press_origin.in_modal(body):
            client.views_push(trigger_id=body["trigger_id"], view=view)
        else:
            client.views_open(trigger_id=body["trigger_id"], view=view)

    def propose(self, parent: Escalation, move: Move, current_user: CurrentUser) -> dict[str, Any]:
        """Return the answer to a form: after the resolution of a parent, what resolves its children; else nothing."""
        if move is not Move.RESOLVE:
            return {}
        children = [*filter(incidents.can_resolve, self._find_children(parent))]
        view = incidents.resolve_form(parent, children, current_user.words)
        return {"response_action": "update", "view": view} if children else {}

    def name_parents(self, escalation: Escalation) -> list[str]:
        """Return the names of the cases to which a case may be attached."""
        service, incident_id = escalation.service, escalation.incident_id
        parents = self._services.incident_cases.find_parents(service, incident_id, escalation.team_id)
        return [parent.name for parent in parents if parent.number != escalation.number]

    def inform(self, ack: Ack, body: dict[str, Any]) -> None:
        """Mark the customers of the chosen cases as informed. Each counts once for each opened form."""
        current_user, parent = self._read(body)
        self._check_may_inform(parent, current_user)
        through = str(typed(body["view"]).get("through") or "")
        if through not in set(InformedBy):
            raise refuse("missing", "through")
        step = MoveRequest(Move.TELL, current_user.actor, self._services.now(), through=InformedBy(through))
        moved = self._move_chosen(body, self._find_affected(parent), step)
        says = current_user.words.plural(
            "{n} customer is marked as informed.", "{n} customers are marked as informed.", len(moved)
        )
        ack(response_action="update", view=incidents.done(says, moved, current_user.words))

    def resolve(self, ack: Ack, body: dict[str, Any]) -> None:
        """Resolve the chosen children with the resolution of their parent. Each counts once for each opened form."""
        current_user, parent = self._read(body)
        self._check_resolved(parent)
        fix = similar_cases.word_fix(parent.name, parent.fix or "", current_user.words)
        step = MoveRequest(Move.RESOLVE, current_user.actor, self._services.now(), fix)
        moved = self._move_chosen(body, self._find_children(parent), step)
        to_inform = parent if self._may_inform(parent, current_user) else None
        says = current_user.words.plural(
            "{n} case is resolved. Now inform its customer.", "{n} cases are resolved. Now inform their customers.",
            len(moved),
        )  # fmt: skip
        ack(response_action="update", view=incidents.done(says, moved, current_user.words, to_inform))

    def _move_chosen(self, body: Body, cases: Sequence[Escalation], step: MoveRequest) -> list[Escalation]:
        """Carry out a move on those of the cases that were chosen. A retry after a crash goes on where it was."""
        numbers = {str(case.number) for case in cases}
        chosen = typed(body["view"]).get("cases") or []
        if not chosen or not set(chosen) <= numbers:
            raise refuse("unreadable")
        # The forms that resolve and that inform may be one above the other: then only the move tells them apart.
        key = f"{submission_key(body)}:{step.move}"
        return [self._services.commands.move(int(number), step, f"{key}:{number}") for number in chosen]

    def _read(self, body: Body) -> tuple[CurrentUser, Escalation]:
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        subject = ids.subject_of(str(body["view"]["private_metadata"]))
        return current_user, self._find(subject.number, current_user)

    def _find(self, number: int, current_user: CurrentUser) -> Escalation:
        parent = self._services.queries.escalation(number, current_user.actor.team_id)
        if parent is None:
            raise refuse("no_such_escalation", number=number)
        return parent

    def _find_children(self, parent: Escalation) -> list[Escalation]:
        return self._services.incident_cases.find_children(parent.number)

    def _find_affected(self, parent: Escalation) -> list[Escalation]:
        """Return every case of the incident: the parent, whose customer is hit too, and its children."""
        return [parent, *self._find_children(parent)]

    def _check_any(self, wanted: Iterable[Escalation], parent: Escalation) -> list[Escalation]:
        """Return the cases that are wanted. Raises Refused when there are none."""
        cases = list(wanted)
        if not cases:
            raise refuse("no_attached_cases", original=parent.name)
        return cases

    def _check_may_inform(self, parent: Escalation, current_user: CurrentUser) -> None:
        """Refuse anybody but the owner and leads."""
        if not self._may_inform(parent, current_user):
            raise refuse("only_owner_or_lead", owner=parent.owner or parent.raised_by)

    def _may_inform(self, parent: Escalation, current_user: CurrentUser) -> bool:
        """Return whether somebody owns the case, or raised it while nobody owns it, or is a lead."""
        return current_user.actor.is_lead or current_user.actor.id == (parent.owner or parent.raised_by)

    def _check_resolved(self, parent: Escalation) -> None:
        if not parent.fix or incidents.can_resolve(parent):
            raise refuse("resolve_parent_first", original=parent.name)
