"""The buttons of a card: some moves are made at once, others ask through a small form. The outbox redraws the card."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from slack_bolt import Respond

from handlers import ids, press_origin
from handlers.blocks import action_forms, block_kit, card, correction, informed, similar_cases
from handlers.context import AT_SUBMIT, CurrentUser, Services, SlackResponder
from handlers.errors import add_hints, has_hints
from handlers.escalations.named_cases import find_named, find_solution
from handlers.escalations.similar_cases import find_similar_to
from handlers.escalations.views import EscalationViews
from handlers.i18n.case_lines import CaseLine
from handlers.payloads import Body, click_key, finding_of, instant, submission_key, team_of, typed, user_of
from models.rules.errors import Refusal, Refused, refuse
from models.rules.escalations.escalation import Escalation, InformedBy, Move, Turn
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import Severity, is_blank
from models.rules.escalations.transitions import advance, list_moves_of, missing_before_filing

Ack = Callable[..., Any]
Choice = TypeVar("Choice", bound=StrEnum)


class CardActions:
    """Everything that can be done from a card."""

    def __init__(
        self, services: Services, views: EscalationViews, redraw_home: Callable[[dict[str, Any], SlackResponder], None]
    ) -> None:
        self._services, self._views, self._redraw_home = services, views, redraw_home

    def click(self, body: dict[str, Any], client: SlackResponder, respond: Callable[..., Any]) -> None:
        """Carry out a button's move, or ask for the words it needs."""
        action = body["actions"][0]
        self._choose(action["action_id"], action["value"], body, client, respond)

    def menu(self, body: dict[str, Any], client: SlackResponder, respond: Callable[..., Any]) -> None:
        """Carry out a choice of the card's menu: a move, or a view."""
        choice, _, value = body["actions"][0]["selected_option"]["value"].partition(" ")
        if choice in {ids.HISTORY, ids.COPY, ids.CUSTOMER_TEXT, ids.CASE_PICTURE}:
            current_user = self._services.admit(user_of(body), team_of(body))
            self._views.from_card(choice, ids.subject_of(value), current_user, body, client, respond)
        elif choice in {ids.INFORM_CHILDREN, ids.RESOLVE_CHILDREN}:
            self._views.incident_actions.open(choice, ids.subject_of(value).number, body, client)
        elif choice == ids.ARTICLE_KEEP:
            self._views.article_actions.ask_to_keep(ids.subject_of(value).number, body, client)
        else:
            self._choose(choice, value, body, client, respond)

    def submit(self, ack: Ack, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Carry out a form's move before Slack closes it, then show the result where the form was opened."""
        view = body["view"]
        move = _move(view["callback_id"].removeprefix(ids.MOVE_FORM))
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        about, _, place = str(view["private_metadata"]).partition("\n")
        subject = ids.subject_of(about)
        step = self._read_form(move, typed(view), subject, current_user)
        if hints := self._new_hints(subject, step, view, current_user):
            ack(response_action="update", view=add_hints(view, hints))
            return
        moved = self._carry_out(subject, step, submission_key(body))
        ack(**self._views.incident_actions.propose(moved, move, current_user))
        if place == press_origin.HOME:
            self._redraw_home(body, client)
        elif place:
            respond.response_url, _, kept_blocks = place.partition("\n")
            self._answer_in(kept_blocks, moved, current_user, respond)

    def _read_form(
        self, move: Move, answers: Mapping[str, Any], subject: ids.EscalationSubject, current_user: CurrentUser
    ) -> MoveRequest:
        """Return a move with what its form asked for. Raises Refused for an answer that can't be right."""
        text = str(answers.get(action_forms.ASKED.get(move, "")) or "")
        changes = self._corrections(answers, subject, current_user) if move is Move.CORRECT else {}
        if move is Move.HAND_OVER:
            self._check_next_owner(answers.get("owner"), current_user)
        until = instant(answers["until"], "until") if answers.get("until") else None
        solution = find_solution(self._services, str(answers.get("solved_from") or ""), current_user)
        if solution and is_blank(text):
            text = similar_cases.word_fix(solution.name, solution.fix or "", current_user.words)
        zone = self._services.settings.timezone
        return replace(
            self._step(move, current_user, text=text, new_owner=answers.get("owner"), changes=changes, until=until),
            severity_given=_read(Severity, answers.get("severity_given")),
            through=_read(InformedBy, answers.get("through")),
            original=find_named(self._services, str(answers.get("original") or ""), "original", current_user),
            solution=solution,
            finding=finding_of(answers, self._services.today(), zone) if move is Move.RETURNED else None,
        )

    def _new_hints(
        self, subject: ids.EscalationSubject, step: MoveRequest, view: Body, current_user: CurrentUser
    ) -> list[str]:
        """Return hints to show before saving. A form that showed hints already is saved."""
        if has_hints(view) or step.move not in {Move.CORRECT, Move.RECORD}:
            return []
        escalation = self._views.escalation(subject.number, current_user)
        if step.move is Move.RECORD:
            others = self._services.queries.others_with_request_number(
                step.text.strip(), current_user.actor.team_id, subject.number
            )
            return action_forms.same_number(others, current_user.words)
        before = set(correction.hints(escalation, current_user.words))
        after = advance(escalation, step)[0]
        return [hint for hint in correction.hints(after, current_user.words) if hint not in before]

    def typed(
        self, move: Move, number: int, current_user: CurrentUser, body: dict[str, Any], client: SlackResponder
    ) -> Escalation | None:
        """Carry out a typed move and return the escalation; None when a form was opened for its words."""
        escalation, step = self._views.escalation(number, current_user), self._step(move, current_user)
        subject = ids.EscalationSubject(number, escalation.version)
        if move not in action_forms.WITHOUT_FORM:
            self._ask(subject, step, current_user, body, client)
            return None
        self._carry_out(subject, step, f"{current_user.actor.team_id}:{current_user.actor.id}:{body['trigger_id']}")
        return self._views.escalation(number, current_user)

    def find_form(self, line: CaseLine, current_user: CurrentUser) -> Move | None:
        """Return the move whose form must ask for what a line about a case does not say; None when it says all."""
        _, step = self._read_line(line, current_user)
        first = self._ask_first(self._views.escalation(line.number, current_user), step).move
        says_all = line.original or (line.text and line.move in action_forms.ONE_TEXT)
        is_enough = says_all or line.move in action_forms.WITHOUT_FORM
        return None if is_enough and first is line.move else first

    def ask_for_line(
        self, line: CaseLine, current_user: CurrentUser, body: dict[str, Any], client: SlackResponder
    ) -> None:
        """Open the form for what a line about a case does not say."""
        subject, step = self._read_line(line, current_user)
        self._ask(subject, step, current_user, body, client)

    def typed_line(self, line: CaseLine, current_user: CurrentUser, key: str) -> Escalation:
        """Carry out one line about a case and return the case. ``key`` names the delivery, which counts once."""
        subject, step = self._read_line(line, current_user)
        self._carry_out(subject, step, key)
        return self._views.escalation(line.number, current_user)

    def _read_line(self, line: CaseLine, current_user: CurrentUser) -> tuple[ids.EscalationSubject, MoveRequest]:
        assert line.move  # noqa: S101 - the caller answers a line that was not understood
        escalation = self._views.escalation(line.number, current_user)
        step = replace(self._step(line.move, current_user, text=line.text), turn=line.turn, through=line.through)
        if line.original:
            step = replace(step, original=find_named(self._services, line.original, "original", current_user))
        return ids.EscalationSubject(line.number, escalation.version), step

    def _choose(
        self, choice: str, value: str, body: dict[str, Any], client: SlackResponder, respond: Callable[..., Any]
    ) -> None:
        name, _, detail = choice.removeprefix(ids.CARD).partition(".")
        move, subject = _move(name), ids.subject_of(value)
        current_user = self._services.admit(user_of(body), team_of(body))
        step = self._step(move, current_user)
        if move is Move.TURN:
            step = replace(step, turn=_read(Turn, detail))
        if move is Move.TELL_DETAILS and detail:
            step = replace(step, through=_read(InformedBy, detail))
        if move in action_forms.WITHOUT_FORM or detail:
            moved = self._carry_out(subject, step, click_key(body))
            self._show_result(moved, current_user, body, client, respond)
            if move is Move.TELL and not press_origin.in_modal(body) and body.get("response_url"):
                self._ask_how(moved, current_user, respond)
        else:
            self._ask(subject, step, current_user, body, client)

    def _show_result(
        self,
        moved: Escalation,
        current_user: CurrentUser,
        body: dict[str, Any],
        client: SlackResponder,
        respond: Callable[..., Any],
    ) -> None:
        """Show the result of a press where it was made; the outbox redraws cards in channels."""
        if press_origin.in_modal(body):
            client.views_update(view_id=body["view"]["id"], view=self._views.modal(moved, current_user))
            self._redraw_home(body, client)
        elif press_origin.is_private(body):
            self._answer(moved, current_user, respond)
        elif press_origin.is_direct(body) and (kept_blocks := press_origin.without_buttons(moved.number, body)):
            self._settle(moved, current_user, kept_blocks, respond)

    def _ask_how(self, moved: Escalation, current_user: CurrentUser, respond: Callable[..., Any]) -> None:
        """Offer to say how the customer was informed: what is recorded already is enough at 3 a.m."""
        blocks = informed.ask_how(moved, current_user.words)
        text = block_kit.fallback_text(blocks)
        respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=False)

    def _answer_in(
        self, kept_blocks: str, moved: Escalation, current_user: CurrentUser, respond: Callable[..., Any]
    ) -> None:
        """Show the result of a form in the private answer it was opened from, or below the kept direct message."""
        if kept_blocks:
            self._settle(moved, current_user, press_origin.read(kept_blocks), respond)
        else:
            self._answer(moved, current_user, respond)

    def _settle(
        self,
        moved: Escalation,
        current_user: CurrentUser,
        kept_blocks: list[block_kit.Block],
        respond: Callable[..., Any],
    ) -> None:
        press_origin.replace_message(f"{moved.name} · {card.status(moved, current_user.words)}", kept_blocks, respond)

    def _answer(self, moved: Escalation, current_user: CurrentUser, respond: Callable[..., Any]) -> None:
        """Replace a private answer by the card as it is now."""
        blocks = self._views.card(moved, current_user)
        respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=True)

    def _step(
        self,
        move: Move,
        current_user: CurrentUser,
        *,
        text: str = "",
        new_owner: str | None = None,
        changes: Mapping[str, Any] | None = None,
        until: datetime | None = None,
    ) -> MoveRequest:
        now, actor = self._services.now(), current_user.actor
        on_duty = move is Move.SNOOZE and self._services.is_on_duty(actor.id, now)  # no other move asks for it
        return MoveRequest(
            move, actor, now, text, new_owner, dict(changes or {}), until,
            reminder_times=self._services.policy.reminder_times, on_call=on_duty, review=self._services.review_policy,
        )  # fmt: skip

    def _ask(
        self,
        subject: ids.EscalationSubject,
        step: MoveRequest,
        current_user: CurrentUser,
        body: dict[str, Any],
        client: SlackResponder,
    ) -> None:
        """Open the move's form, unless it is certain that the move will be refused."""
        escalation = self._views.escalation(subject.number, current_user)
        typed_number, step = step.text, self._ask_first(escalation, step)
        self._check_possible(escalation, step)
        policy = self._services.policy
        longest = policy.reminder_times.snooze[escalation.severity]
        end = action_forms.snooze_end(step.at, longest, self._services.zone_of(current_user))
        offered = self._offer(escalation, step.move, current_user)
        metadata = "\n".join(filter(None, [str(subject), press_origin.origin_of(subject.number, body)]))
        view = action_forms.view(escalation, step.move, current_user.words, policy, metadata, end, offered)
        if step.move is Move.CORRECT and typed_number:
            said = current_user.words("{number} is not recorded yet: record it after saving.", number=typed_number)
            view["blocks"].insert(0, block_kit.aside(block_kit.plain(f"📨 {said}")))
        client.views_open(trigger_id=body["trigger_id"], view=view)

    def _ask_first(self, escalation: Escalation, step: MoveRequest) -> MoveRequest:
        """Return the step, or the one that gives the missing answers when the number can't be recorded before."""
        may_add = Move.CORRECT in list_moves_of(escalation, step.by, step.on_call)
        if step.move is Move.RECORD and missing_before_filing(escalation) and may_add:
            return replace(step, move=Move.CORRECT)
        return step

    def _offer(self, escalation: Escalation, move: Move, current_user: CurrentUser) -> Sequence[str]:
        """Return the numbers recorded so far, names of cases with the same number, similar solved cases, or today."""
        queries, number = self._services.queries, escalation.request_number
        if move is Move.RECORD:
            return queries.request_numbers(escalation.number)
        if move is Move.RETURNED:
            return [self._services.today().isoformat()]
        if move is Move.PARENT:
            return self._views.incident_actions.name_parents(escalation)
        if move is Move.DUPLICATE and number:
            return queries.others_with_request_number(number, escalation.team_id, escalation.number)
        similar = find_similar_to(self._services, escalation) if move is Move.RESOLVE else ()
        return [similar_cases.describe_as_text(case, current_user.words) for case in similar]

    def _check_possible(self, escalation: Escalation, step: MoveRequest) -> None:
        try:
            advance(escalation, step)
        except Refused as refused:
            missing_only = all(r.reason in {"missing", "nothing_changed"} for r in refused.refusals)
            if not missing_only:
                raise refused.with_case(escalation.number) from None

    def _carry_out(self, subject: ids.EscalationSubject, step: MoveRequest, key: str) -> Escalation:
        try:
            return self._services.commands.move(subject.number, step, key)
        except Refused as refused:
            current = self._services.queries.escalation(subject.number, step.by.team_id)
            if current is None:
                raise
            raise refused.with_case(current.number) from None

    def _corrections(
        self, answers: Mapping[str, Any], subject: ids.EscalationSubject, current_user: CurrentUser
    ) -> dict[str, Any]:
        """Return the corrected fields of the form, and no others, whatever was sent along."""
        changes = {name: answers[name] or "" for name in correction.NAMES if name in answers}
        if started := changes.get("started"):
            changes["started"] = instant(started, "started").isoformat()
        if changes.get("service", "") not in {"", *self._services.policy.services}:
            raise refuse("unknown_choice", "service")
        escalation = self._views.escalation(subject.number, current_user)
        return {**changes, **self._workload(escalation, changes)}

    def _workload(self, escalation: Escalation, changes: Mapping[str, Any]) -> dict[str, str]:
        """Return what becomes of the workload when the service changes.

        A workload that stayed while the service changed is dropped. So is any of a service that has none.
        Raises Refused when another service's workload is chosen.
        """
        before, after = (given.get("workload") or "" for given in (escalation.answers, changes))
        service = changes.get("service") or escalation.service
        standing = (service, after) == (escalation.service, before)
        workloads = self._services.policy.service(service).workload_names
        if not after or standing or after in workloads:
            return {}
        if after == before or not workloads:
            return {"workload": ""}
        raise refuse("not_of_the_service", "workload", workload=after)

    def _check_next_owner(self, user: str | None, current_user: CurrentUser) -> None:
        """Refuse a new owner who may not work on escalations."""
        if user:
            try:
                self._services.admit(user, current_user.actor.team_id, AT_SUBMIT)
            except Refused as refused:
                raise Refused(*(Refusal("cannot_own", "owner") for _ in refused.refusals)) from None


def _move(name: str) -> Move:
    try:
        return Move(name)
    except ValueError as error:
        raise refuse("unreadable") from error


def _read(kind: type[Choice], value: Any) -> Choice | None:
    """Return a choice from its value; None for none. Raises Refused when somebody tampered with it."""
    if not value:
        return None
    try:
        return kind(value)
    except ValueError as error:
        raise refuse("unreadable") from error
