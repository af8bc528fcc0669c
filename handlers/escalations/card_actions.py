"""The card's buttons: simple moves at once, the others through a small form. The desk decides, the outbox redraws."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Respond

from handlers import ids, press_origin
from handlers.blocks import action_forms, block_kit, card, correction
from handlers.context import AT_SUBMIT, House, Slack, Visitor
from handlers.errors import has_hints, with_hints
from handlers.escalations.views import Look
from handlers.payloads import Body, click_key, instant, submission_key, team_of, typed, user_of
from models.rules.errors import Refusal, Refused, refuse
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.transitions import Step, advance

Ack = Callable[..., Any]


class Card:
    """Everything that can be done from a card."""

    def __init__(self, house: House, look: Look, redraw_home: Callable[[dict[str, Any], Slack], None]) -> None:
        self._house, self._look, self._redraw_home = house, look, redraw_home

    def click(self, body: dict[str, Any], client: Slack, respond: Callable[..., Any]) -> None:
        """A button: carry the move out, or ask for the words it needs."""
        action = body["actions"][0]
        self._chosen(action["action_id"], action["value"], body, client, respond)

    def menu(self, body: dict[str, Any], client: Slack, respond: Callable[..., Any]) -> None:
        """A choice of the card's menu: a further move, or a lookup."""
        choice, _, value = body["actions"][0]["selected_option"]["value"].partition(" ")
        if choice in {ids.HISTORY, ids.COPY}:
            visitor = self._house.admit(user_of(body), team_of(body))
            self._look.from_card(choice, ids.subject_of(value), visitor, body, client, respond)
        else:
            self._chosen(choice, value, body, client, respond)

    def submit(self, ack: Ack, body: dict[str, Any], client: Slack, respond: Respond) -> None:
        """A small form: carry its move out before Slack closes it, then show that where the form was opened."""
        view = body["view"]
        move = _move(view["callback_id"].removeprefix(ids.SHEET))
        visitor = self._house.admit(user_of(body), team_of(body), AT_SUBMIT)
        answers = typed(view)
        text = str(answers.get(action_forms.ASKED.get(move, "")) or "")
        about, _, place = str(view["private_metadata"]).partition("\n")
        subject = ids.subject_of(about)
        changes = self._corrections(answers, subject, visitor) if move is Move.CORRECT else {}
        if move is Move.HAND_OVER:
            self._check_next_owner(answers.get("owner"), visitor)
        until = instant(answers["until"], "until") if answers.get("until") else None
        step = self._step(move, visitor, text=text, to=answers.get("owner"), changes=changes, until=until)
        if hints := self._new_hints(subject, step, view, visitor):
            ack(response_action="update", view=with_hints(view, hints))
            return
        moved = self._carry_out(subject, step, submission_key(body))
        ack()
        if place == press_origin.HOME:
            self._redraw_home(body, client)
        elif place:
            respond.response_url, _, left = place.partition("\n")
            self._answer_in(left, moved, visitor, respond)

    def _new_hints(self, subject: ids.Subject, step: Step, view: Body, visitor: Visitor) -> list[str]:
        """What is worth a second look before it is saved. Whoever saves a form that shows hints has looked."""
        if has_hints(view) or step.move not in {Move.CORRECT, Move.RECORD}:
            return []
        escalation = self._look.escalation(subject.number, visitor)
        if step.move is Move.RECORD:
            others = self._house.board.with_request_number(step.text.strip(), visitor.actor.team_id, subject.number)
            return action_forms.same_number(others, visitor.words)
        before = set(correction.hints(escalation, visitor.words))
        after = advance(escalation, step)[0]
        return [hint for hint in correction.hints(after, visitor.words) if hint not in before]

    def typed(
        self, move: Move, number: int, visitor: Visitor, body: dict[str, Any], client: Slack
    ) -> Escalation | None:
        """A move typed as a command: the escalation after it, or None when a form was opened for its words."""
        escalation, step = self._look.escalation(number, visitor), self._step(move, visitor)
        subject = ids.Subject(number, escalation.version)
        if move not in action_forms.WITHOUT_SHEET:
            self._ask(subject, step, visitor, body, client)
            return None
        self._carry_out(subject, step, f"{visitor.actor.team_id}:{visitor.actor.id}:{body['trigger_id']}")
        return self._look.escalation(number, visitor)

    def _chosen(
        self, choice: str, value: str, body: dict[str, Any], client: Slack, respond: Callable[..., Any]
    ) -> None:
        move, subject = _move(choice.removeprefix(ids.CARD)), ids.subject_of(value)
        visitor = self._house.admit(user_of(body), team_of(body))
        step = self._step(move, visitor)
        if move in action_forms.WITHOUT_SHEET:
            moved = self._carry_out(subject, step, click_key(body))
            self._shown(moved, visitor, body, client, respond)
        else:
            self._ask(subject, step, visitor, body, client)

    def _shown(
        self, moved: Escalation, visitor: Visitor, body: dict[str, Any], client: Slack, respond: Callable[..., Any]
    ) -> None:
        """Show what came of a press where it was made; a card in a channel is drawn by the outbox."""
        if press_origin.in_modal(body):
            client.views_update(view_id=body["view"]["id"], view=self._look.modal(moved, visitor))
            self._redraw_home(body, client)
        elif press_origin.is_private(body):
            self._answer(moved, visitor, respond)
        elif press_origin.is_direct(body) and (left := press_origin.without_buttons(moved.number, body)):
            self._settle(moved, visitor, left, respond)

    def _answer_in(self, left: str, moved: Escalation, visitor: Visitor, respond: Callable[..., Any]) -> None:
        """What came of a form, in the private answer it was opened from, or below what is ``left`` of a direct
        message."""
        if left:
            self._settle(moved, visitor, press_origin.read(left), respond)
        else:
            self._answer(moved, visitor, respond)

    def _settle(
        self, moved: Escalation, visitor: Visitor, left: list[block_kit.Block], respond: Callable[..., Any]
    ) -> None:
        press_origin.replace_message(f"{moved.name} · {card.status(moved, visitor.words)}", left, respond)

    def _answer(self, moved: Escalation, visitor: Visitor, respond: Callable[..., Any]) -> None:
        """Put the card as it is now in place of a private answer."""
        blocks = self._look.card(moved, visitor)
        respond(text=block_kit.spoken(blocks), blocks=blocks, response_type="ephemeral", replace_original=True)

    def _step(self, move: Move, visitor: Visitor, **more: Any) -> Step:
        now, actor = self._house.now(), visitor.actor
        on_duty = move is Move.SNOOZE and self._house.is_on_duty(actor.id, now)  # no other move asks for it
        return Step(move, actor, now, nagging=self._house.policy.nagging, on_duty=on_duty, **more)

    def _ask(self, subject: ids.Subject, step: Step, visitor: Visitor, body: dict[str, Any], client: Slack) -> None:
        """Open the move's form, unless it is already plain that the move will be refused."""
        escalation = self._look.escalation(subject.number, visitor)
        self._would_be_refused(escalation, step)
        policy = self._house.policy
        longest = policy.nagging.snooze[escalation.severity]
        end = action_forms.snooze_end(step.at, longest, self._house.zone_of(visitor))
        recorded = self._house.board.recorded(subject.number) if step.move is Move.RECORD else ()
        metadata = "\n".join(filter(None, [str(subject), press_origin.origin_of(subject.number, body)]))
        view = action_forms.view(escalation, step.move, visitor.words, policy, metadata, end, recorded)
        client.views_open(trigger_id=body["trigger_id"], view=view)

    def _would_be_refused(self, escalation: Escalation, step: Step) -> None:
        try:
            advance(escalation, step)
        except Refused as refused:
            missing_only = all(r.reason in {"missing", "nothing_changed"} for r in refused.refusals)
            if not missing_only:
                raise _named(refused, escalation.number) from None

    def _carry_out(self, subject: ids.Subject, step: Step, key: str) -> Escalation:
        try:
            return self._house.desk.move(subject.number, step, key)
        except Refused as refused:
            current = self._house.board.escalation(subject.number, step.by.team_id)
            if current is None:
                raise
            raise _named(refused, current.number) from None

    def _corrections(self, answers: Mapping[str, Any], subject: ids.Subject, visitor: Visitor) -> dict[str, Any]:
        """The fields of the form that corrects, and no others, whatever came along with them."""
        changes = {name: answers[name] or "" for name in correction.NAMES if name in answers}
        if started := changes.get("started"):
            changes["started"] = instant(started, "started").isoformat()
        if changes.get("service", "") not in {"", *self._house.policy.services}:
            raise refuse("unknown_choice", "service")
        escalation = self._look.escalation(subject.number, visitor)
        return {**changes, **self._workload(escalation, changes)}

    def _workload(self, escalation: Escalation, changes: Mapping[str, Any]) -> dict[str, str]:
        """A workload goes with its service: one that stayed while the service changed is dropped, as is any
        of a service that has none. Raises Refused when another service's is chosen."""
        before, after = (one.get("workload") or "" for one in (escalation.answers, changes))
        service = changes.get("service") or escalation.service
        standing = (service, after) == (escalation.service, before)
        workloads = self._house.policy.service(service).workloads
        if not after or standing or after in workloads:
            return {}
        if after == before or not workloads:
            return {"workload": ""}
        raise refuse("not_of_the_service", "workload", workload=after)

    def _check_next_owner(self, user: str | None, visitor: Visitor) -> None:
        """Nobody who may not work on escalations is handed one."""
        if user:
            try:
                self._house.admit(user, visitor.actor.team_id, AT_SUBMIT)
            except Refused as refused:
                raise Refused(*(Refusal("cannot_own", "owner") for _ in refused.refusals)) from None


def _move(name: str) -> Move:
    try:
        return Move(name)
    except ValueError as error:
        raise refuse("unreadable") from error


def _named(refused: Refused, number: int) -> Refused:
    """The refusal, told with the escalation's name and, where it was overtaken, by whom."""
    known = {"name": f"CSP-{number}", "number": number}
    return Refused(*(Refusal(r.reason, r.field, {**known, **r.values}) for r in refused.refusals))
