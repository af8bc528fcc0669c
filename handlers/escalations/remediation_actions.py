"""Remediation records in Slack: leads begin, edit and close them; an action's owner marks it done with one press."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit, remediation, remediation_forms
from handlers.context import AT_SUBMIT, CurrentUser, Services, SlackResponder
from handlers.payloads import Body, click_key, day, instant, submission_key, team_of, typed, user_of
from models.rules.errors import Refusal, Refused, refuse
from models.rules.escalations.request import clean
from models.rules.remediation.moves import RemediationStep, check_lead
from models.rules.remediation.packet_request import PacketRequest
from models.rules.remediation.record import DAYS, FIELDS, INSTANTS, Remediation, RemediationMove

M = RemediationMove
AT_ONCE = {"done": M.FINISH_ACTION, "close": M.CLOSE, "reopen": M.REOPEN}
"""Buttons that need no form."""


class RemediationActions:
    """Answers ``remediation``, its buttons and its forms."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def answer(self, current_user: CurrentUser) -> list[block_kit.Block]:
        """List the records for a lead, and for anybody else the actions they own. Raises Refused when they own none."""
        records = self._services.remediation_records.find_of_team(current_user.actor.team_id)
        words, today, user = current_user.words, self._services.today(), current_user.actor.id
        if current_user.actor.is_lead:
            return remediation.list_records(records, words, today)
        own = [(r, a) for r in records if r.is_open for a in r.open_actions if a.owner == user]
        if not own:
            raise refuse("leads_and_action_owners")
        return remediation.list_own_actions(own, words, today)

    def click(self, body: dict[str, Any], client: SlackResponder, respond: Callable[..., Any]) -> None:
        """Carry out a button: show, open a form, make a move, or send the packet."""
        action = body["actions"][0]
        name, _, language = action["action_id"].removeprefix(ids.REMEDIATION).partition(".")
        subject, current_user = ids.remediation_of(action["value"]), self._services.admit(user_of(body), team_of(body))
        if name in AT_ONCE:
            self._carry_out(AT_ONCE[name], subject, current_user, body, client, respond)
            return
        check_lead(current_user.actor)
        if name == "packet":
            self._send_packet(subject, language, current_user, body, client)
        elif name == "new":
            self._open(remediation_forms.record_form(None, current_user.words), body, client)
        else:
            self._open(self._find_view(name, subject, current_user), body, client)

    def submit(self, ack: Callable[..., Any], body: dict[str, Any]) -> None:
        """Store a form before Slack closes it; then it becomes the record."""
        view = body["view"]
        subject = ids.remediation_of(view["private_metadata"])
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        check_lead(current_user.actor)
        is_record = view["callback_id"] == ids.REMEDIATION_RECORD
        values = _read_record(typed(view)) if is_record else self._read_action(typed(view), current_user)
        if is_record:
            move = M.CHANGE if subject.number else M.OPEN
        else:
            move = M.CHANGE_ACTION if subject.action else M.ADD_ACTION
        step = replace(self._step(move, subject, current_user), values=values)
        key = f"{submission_key(body)}:{view['callback_id']}:{subject}"
        record = self._services.remediation_records.carry_out(step, key, subject.number)
        ack(response_action="update", view=self._modal(record, current_user))

    def _carry_out(
        self, move: RemediationMove, subject: ids.RemediationSubject, current_user: CurrentUser, body: dict[str, Any],
        client: SlackResponder, respond: Callable[..., Any],
    ) -> None:  # fmt: skip
        step = self._step(move, subject, current_user)
        record = self._services.remediation_records.carry_out(step, click_key(body), subject.number)
        if press_origin.in_modal(body):
            client.views_update(view_id=body["view"]["id"], view=self._modal(record, current_user))
            return
        action = record.action(subject.action)
        said = current_user.words("Done: “{action}”.", action=block_kit.clip(action.text, 300) if action else "")
        blocks: list[block_kit.Block] = [{"type": "section", "text": block_kit.plain(f"✅ {said}")}]
        respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=True)

    def _step(
        self, move: RemediationMove, subject: ids.RemediationSubject, current_user: CurrentUser
    ) -> RemediationStep:
        services = self._services
        return RemediationStep(move, current_user.actor, services.now(), services.today(), subject.action)

    def _find_view(self, name: str, subject: ids.RemediationSubject, current_user: CurrentUser) -> block_kit.Block:
        record, words = self._find(subject.number, current_user), current_user.words
        match name:
            case "show":
                return self._modal(record, current_user)
            case "edit":
                return remediation_forms.record_form(record, words)
            case "action" | "change":
                return remediation_forms.action_form(record, record.action(subject.action), words)
        raise refuse("unreadable")

    def _find(self, number: int, current_user: CurrentUser) -> Remediation:
        record = self._services.remediation_records.find(number, current_user.actor.team_id)
        if record is None:
            raise refuse("no_such_remediation")
        return record

    def _modal(self, record: Remediation, current_user: CurrentUser) -> block_kit.Block:
        words = current_user.words
        blocks = remediation.show_record(record, words, self._services.today())
        return block_kit.modal(ids.DONE, record.name, blocks, words("Done"))

    def _open(self, view: block_kit.Block, body: dict[str, Any], client: SlackResponder) -> None:
        """Show a view in place of the open modal, or open one."""
        if press_origin.in_modal(body):
            client.views_update(view_id=body["view"]["id"], view=view)
        else:
            client.views_open(trigger_id=body["trigger_id"], view=view)

    def _send_packet(
        self, subject: ids.RemediationSubject, language: str, current_user: CurrentUser, body: dict[str, Any],
        client: SlackResponder,
    ) -> None:  # fmt: skip
        """Ask for the packet: the outbox brings it as a file, so that a crash loses nothing."""
        record, actor, words = self._find(subject.number, current_user), current_user.actor, current_user.words
        if language not in remediation.PACKET_LANGUAGES:
            raise refuse("unreadable")
        request = PacketRequest(record.number, language, actor.team_id)
        self._services.file_requests.ask_packet(actor.id, str(request), self._services.now(), click_key(body))
        view = self._modal(record, current_user)
        view["blocks"].insert(0, block_kit.section(f"📄 {words('The packet will arrive in your direct messages.')}"))
        self._open(view, body, client)

    def _read_action(self, answers: Mapping[str, Any], current_user: CurrentUser) -> dict[str, Any]:
        """Return the fields of an action. Raises Refused, also for an owner who is no full member."""
        owner = str(answers.get("owner") or "")
        if owner:
            try:
                self._services.admit(owner, current_user.actor.team_id, AT_SUBMIT)
            except Refused as refused:
                raise Refused(*(Refusal("cannot_own", "owner") for _ in refused.refusals)) from None
        return {"text": clean(str(answers.get("text") or "")), "owner": owner, "due": day(answers.get("due"), "due")}


def _read_record(answers: Body) -> dict[str, Any]:
    """Return the fields of a record, and no others, whatever was sent along. Raises Refused."""
    values: dict[str, Any] = {}
    for name in FIELDS:
        answer = answers.get(name)
        if name in DAYS:
            values[name] = day(answer, name)
        elif name in INSTANTS:
            values[name] = instant(answer, name) if answer else None
        else:
            values[name] = clean(str(answer or ""))
    return values
