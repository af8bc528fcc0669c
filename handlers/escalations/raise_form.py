"""Raising an escalation: a command or shortcut opens the form, answers change it, submitting records it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from handlers import ids, press_origin
from handlers.blocks import (
    block_kit,
    call,
    missing_answers,
    raise_form,
    review_outcome,
    similar_cases,
    vendor_text,
)
from handlers.blocks.needed_answers import NEEDED_TO_ATTACH, NEEDED_TO_SOLVE, list_missing
from handlers.context import AT_SUBMIT, Services, SlackResponder
from handlers.errors import add_hints, slack_error_code
from handlers.escalations import source_message
from handlers.escalations.drafts import Drafts
from handlers.escalations.form_facts import find_health_time, note_health, read_record_answers, with_record
from handlers.escalations.form_state import KEY_LENGTH, FormState, NewestChange
from handlers.escalations.incident_actions import find_incidents
from handlers.escalations.similar_cases import find_similar, find_similar_to, shows_same
from handlers.escalations.store_reads import StoreReads
from handlers.i18n.words import Words
from handlers.payloads import TYPED, Body, request_of, submission_key, team_of, typed, user_of
from models.escalations.commands import SentForm, SolvedAs
from models.rules.customers.customer import Customer, describe_in_request
from models.rules.errors import NotSaved, Refused, refuse
from models.rules.escalations.escalation import Escalation, ReviewState
from models.rules.escalations.request import TEXT_LIMIT, TITLE_LIMIT, Request, RequestKind
from models.rules.escalations.request_review import review_request
from models.rules.people import Actor, admit
from models.rules.policy.review_rules import Outcome

GONE = frozenset({"not_found", "hash_conflict"})
"""Slack's error codes for a form that was closed or was changed again meanwhile; both are normal."""
TYPEAHEAD = 20
TYPED_ACTIONS = frozenset({f"{ids.FORM_FIELD}title", f"{ids.FORM_FIELD}details"})
"""What is typed and tells the bot, so that similar cases appear."""
QUICK_ANSWERS = {raise_form.QUICK: "yes", "kind": str(RequestKind.CUSTOMER)}
"""The short form asks for a customer's problem."""


class RaiseForm:
    """The form from the first click to the stored escalation."""

    def __init__(self, services: Services, drafts: Drafts) -> None:
        self._services = services
        self._newest, self._drafts = NewestChange(), drafts

    def open(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open an empty form."""
        self._open(raise_form.FormValues({}), body, client)

    def open_quick(self, body: dict[str, Any], client: SlackResponder, title: str = "") -> None:
        """Open the short form, with the title that was typed after the command."""
        answers = {**QUICK_ANSWERS, "title": title[:TITLE_LIMIT]}
        self._open(raise_form.FormValues(answers), body, client)

    def quick_shortcut(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the short form for the button “Quick raise” of the Home tab."""
        self.open_quick(body, client)

    def shortcut(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form for the global shortcut, or for a button “New escalation”."""
        self.open(body, client)

    def from_message(self, ack: Callable[..., Any], body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form with a message's text and a link to it: “Escalate this message”."""
        try:
            self._bring(source_message.read_text(body), body, client)
        finally:
            ack()

    def _bring(self, text: str, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form with a text; keep the text as a draft when that is too late, or Slack is away."""
        source = source_message.find_permalink(client, body)
        filled = raise_form.FormValues({"details": text[:TEXT_LIMIT]}, source=source)
        try:
            self._open(filled, body, client)
        except SlackClientError as error:
            if slack_error_code(error) == "exchanged_trigger_id" or not self._drafts.save(
                body, filled, f"{team_of(body)}:{body['trigger_id']}"[:KEY_LENGTH]
            ):
                raise
            raise refuse("kept_as_draft") from error

    def resume(self, filled: raise_form.FormValues, body: dict[str, Any], client: SlackResponder) -> None:
        """Continue a draft: in the open form, or in a new one."""
        if press_origin.in_modal(body):
            self._update(filled, body, client)
        else:
            self._open(filled, body, client)

    def redraw(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Redraw the open form with the drafts that are left."""
        self._update(FormState.of(body["view"]).filled, body, client)

    def changed(self, ack: Callable[..., Any], body: dict[str, Any], client: SlackResponder) -> None:
        """Redraw the form after an answer on which other fields depend, losing nothing.

        What is typed changes nothing but the similar cases: while they stay the same, so does the form.
        """
        change = (body["view"]["id"], str(body["actions"][0]["action_ts"]))
        self._newest.note(*change)
        form_state = _switch(FormState.of(body["view"]), body["actions"][0])
        form_state = note_health(form_state, body["actions"][0], self._services)
        is_typed = body["actions"][0]["action_id"] in TYPED_ACTIONS
        similar = find_similar(self._services, form_state.filled, body) if is_typed else []
        if is_typed and shows_same(similar, form_state.filled, body["view"]):
            ack()
            return
        is_kept = self._drafts.save(body, form_state.filled, submission_key(body))
        ack()  # before anything is read that Slack need not wait for
        similar = similar or find_similar(self._services, form_state.filled, body)
        words = self._services.words_for(user_of(body))
        filled = with_record(form_state.filled, self._services)
        incidents = find_incidents(self._services, filled, body)
        view = raise_form.view(
            filled, words, self._services.policy, form_state.metadata(), similar=similar, open_incidents=incidents
        )
        if not is_kept:
            view = add_hints(view, [words("Your draft can't be saved just now. Please leave this form open.")])
        problem = _redraw(client, change[0], view, body["view"]["hash"])
        if problem == "hash_conflict" and self._newest.is_newest(*change):
            _redraw(client, change[0], view)

    def suggest(self, ack: Callable[..., Any], body: dict[str, Any]) -> None:
        """Suggest customers for the typed text; the last choice takes the typed name as it is."""
        query = str(body.get("value") or "").strip()
        words = self._words_of_member(body)
        if words is None:
            ack(options=[])
            return
        options = [_customer_option(customer) for customer in self._services.queries.customers(query, TYPEAHEAD)]
        if query:
            label = words("Not in the list: {name}", name=query)
            options.append(block_kit.option(label, f"{TYPED}{query}"[: block_kit.OPTION_VALUE]))
        ack(options=options)

    def _words_of_member(self, body: Body) -> Words | None:
        """Return the language of the person typing; None when they may not come in.

        Asks nobody: this runs at each keystroke.
        """
        person = self._services.people.known(user_of(body))
        if person is None:
            return None
        try:
            admit(person, team_of(body), leads=())
        except Refused:
            return None
        return Words.of(person.language)

    def submit(self, ack: Callable[..., Any], body: dict[str, Any]) -> None:
        """Record the escalation, then tell Slack ok: what was accepted is stored."""
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        form_state = FormState.of(body["view"])
        try:
            escalation = self._record(form_state, current_user.actor, body)
        except Refused as refused:
            whole = self._with_what_is_missing(refused, form_state, body["view"], current_user.words)
            if whole is None:
                raise
            ack(response_action="update", view=whole)
            return
        shown = similar_cases.read_names(body["view"])
        ack(response_action="update", view=self._created_view(escalation, current_user.words, shown))

    def ask_first(self, body: Body, client: SlackResponder) -> bool:
        """Redraw a form whose button did not ask first, although nothing is missing any more; return whether it did.

        The choice of a customer tells the bot nothing, so the form may still say that one is missing.
        """
        filled = FormState.of(body["view"]).filled
        if similar_cases.does_ask_first(body["view"]) or list_missing(filled, NEEDED_TO_SOLVE):
            return False
        self._update(filled, body, client)
        return True

    def record_solved(self, body: Body, by: Actor, solved_as: SolvedAs) -> Escalation:
        """Record what is in the form as solved by the fix of a past case. Raises Refused, naming what is missing."""
        form_state = FormState.of(body["view"])
        if missing := list_missing(form_state.filled, NEEDED_TO_SOLVE):
            raise refuse("missing_to_solve", fields=missing)
        return self._record(form_state, by, body, solved_as)

    def record_attached(self, body: Body, by: Actor, parent: Escalation) -> Escalation:
        """Record what is in the form as attached to the case of an incident. Raises Refused, naming what is missing."""
        form_state = FormState.of(body["view"])
        if missing := list_missing(form_state.filled, NEEDED_TO_ATTACH):
            raise refuse("missing_to_attach", fields=missing)
        return self._record(form_state, by, body, parent=parent)

    def _record(
        self, form_state: FormState, by: Actor, body: Body, solved_as: SolvedAs | None = None,
        parent: Escalation | None = None,
    ) -> Escalation:  # fmt: skip
        filled, key = form_state.filled, submission_key(body)
        answers = self._collect_answers(filled, body, parent)
        sent = SentForm(
            take="yes" in (answers.get(raise_form.TAKE) or ()),
            quick=_is_quick(filled) or bool(solved_as or parent),
            draft=filled.draft or key,
            solved_as=solved_as,
            review=self._services.review_policy,
            parent=parent.number if parent else None,
        )
        request, channel = self._read_request(filled, answers), self._services.settings.escalation_channel
        return self._services.commands.raise_escalation(request, channel, by, self._services.now(), key, sent)

    def _collect_answers(self, filled: raise_form.FormValues, body: Body, parent: Escalation | None) -> dict[str, Any]:
        """Return what was typed with what the form does not show: hidden fields, and facts that are on record."""
        hidden = filled.answers if _is_quick(filled) else {"language": filled.get("language")}
        answers = {**hidden, **typed(body["view"]), **(QUICK_ANSWERS if _is_quick(filled) else {})}
        health_time = find_health_time(filled, answers, self._services)
        answers = {**answers, **read_record_answers(filled, self._services), **health_time}
        return {**answers, "incident_id": answers.get("incident_id") or parent.incident_id} if parent else answers

    def _read_request(self, filled: raise_form.FormValues, answers: Mapping[str, Any]) -> Request:
        """Return the request; raise Refused for a service or a workload that does not exist."""
        request = request_of(answers, self._customer(filled), filled.source)
        if request.service and request.service not in self._services.policy.services:
            raise refuse("unknown_choice", "service")
        workload = request.answers.get("workload")
        if workload and workload not in self._services.policy.service(request.service).workload_names:
            raise refuse("not_of_the_service", "workload", workload=workload)
        return request

    def _with_what_is_missing(
        self, refused: Refused, form_state: FormState, view: Body, words: Words
    ) -> block_kit.Block | None:
        """Return the whole form when it was refused for a field that is not on the screen.

        Its redrawing was lost, and nobody could fill that field in. None when everything wrong can be seen.
        """
        unseen = {refusal.field for refusal in refused.refusals} - _fields(view)
        if not unseen:
            return None
        filled = with_record(form_state.filled, self._services)
        whole = raise_form.view(filled, words, self._services.policy, form_state.metadata())
        if not unseen & _fields(whole):
            return None
        return add_hints(whole, [words("Some fields were not on your screen. Please fill them in, then submit again.")])

    def _created_view(self, escalation: Escalation, words: Words, shown: Sequence[str]) -> block_kit.Block:
        """Return the private confirmation: who was called, and the text to paste or what is missing before.

        Similar cases are named, but for those that the form has ``shown``.
        """
        policy, zone = self._services.policy, self._services.settings.timezone
        text = vendor_text.text(escalation, policy, zone)
        filing_path = vendor_text.find_filing_path(escalation, words, policy)
        asked = missing_answers.ask(escalation, words)
        request_review = review_request(escalation, policy.review)
        is_told = request_review.points and not (asked and request_review.outcome is Outcome.FIT)
        review = review_outcome.blocks(request_review, policy.review, words) if is_told else []
        waiting, is_ours = review_outcome.next_step(escalation, words), escalation.review is ReviewState.OURS
        asked, review = (asked or waiting, review) if is_ours else (asked, [*review, *waiting])
        similar = [case for case in find_similar_to(self._services, escalation) if case.name not in shown]
        review += similar_cases.name_similar(similar, words)
        then = self.describe_calls(escalation, words)
        return raise_form.created_view(escalation.name, text, filing_path, words, then, asked, review)

    def describe_calls(self, escalation: Escalation, words: Words) -> str:
        """Return who was called, or that the raiser acknowledged it."""
        services = self._services
        if escalation.owner == escalation.raised_by:
            return f"👀 {words('You have acknowledged it.')}"
        try:
            called, duty = services.queries.call_targets(escalation.number, 1), services.on_call_at(services.now())
            outcome = call.describe_outcome(call.find_outcome(escalation, called, duty, services.find_name), words)
        except NotSaved:  # it is recorded: what can't be read now must not look as if it were not
            return ""
        return f"📟 {outcome}" if outcome else ""

    def _open(self, filled: raise_form.FormValues, body: Body, client: SlackResponder) -> None:
        current_user = self._services.admit(user_of(body), team_of(body))
        # 21Vianet reads both languages; the raiser's is the likely one.
        language = {"language": current_user.person.language}
        reads = StoreReads()
        on_call = {raise_form.ON_CALL: "yes"} if self._is_on_call(current_user.actor.id, reads) else {}
        filled = replace(filled, answers={**language, **on_call, **filled.answers})
        client.views_open(trigger_id=body["trigger_id"], view=self._draw(filled, current_user.words, body, reads))

    def _update(self, filled: raise_form.FormValues, body: Body, client: SlackResponder) -> None:
        current_user = self._services.admit(user_of(body), team_of(body))
        client.views_update(view_id=body["view"]["id"], view=self._draw(filled, current_user.words, body, StoreReads()))

    def _draw(self, filled: raise_form.FormValues, words: Words, body: Body, reads: StoreReads) -> block_kit.Block:
        """Return the form; its first screen offers the person's drafts."""
        drafts = [] if filled.get("kind") else self._drafts.lines_if_any(body, reads)
        similar = find_similar(self._services, filled, body, reads)
        metadata, on_record = FormState(filled).metadata(), with_record(filled, self._services, reads)
        incidents = find_incidents(self._services, filled, body, reads)
        return raise_form.view(on_record, words, self._services.policy, metadata, drafts, similar, incidents)

    def _is_on_call(self, user: str, reads: StoreReads) -> bool:
        """Return whether somebody is on call now. While the store is away nobody is: the form opens all the same."""
        return reads.read(lambda: user in self._services.on_call_at(self._services.now()).on_call, instead=False)

    def _customer(self, filled: raise_form.FormValues) -> Mapping[str, Any]:
        """Return what the list knows of the chosen customer; only its id came from the client."""
        if filled.get("kind") != RequestKind.CUSTOMER or filled.customer is None:
            return {}
        chosen = filled.customer[1]
        if chosen.startswith(TYPED):
            return {"customer_name": chosen.removeprefix(TYPED)}
        customer = self._services.queries.customer(chosen)
        if customer is None:
            raise refuse("unknown_choice", "customer_name")
        return describe_in_request(customer)


def _switch(form_state: FormState, action: Mapping[str, Any]) -> FormState:
    """Return the form after the button between the short form and the whole one; unchanged for other answers."""
    if action["action_id"] != ids.QUICK:
        return form_state
    answers = {**form_state.filled.answers, **QUICK_ANSWERS, raise_form.QUICK: str(action.get("value"))}
    return FormState(replace(form_state.filled, answers=answers))


def _is_quick(filled: raise_form.FormValues) -> bool:
    return bool(filled.get(raise_form.QUICK) == "yes")


def _fields(view: Body) -> set[str]:
    """Return the names of the fields on a screen."""
    return {block["block_id"] for block in view.get("blocks", ()) if block.get("type") == "input"}


def _redraw(client: SlackResponder, view_id: str, view: block_kit.Block, known_hash: str | None = None) -> str:
    """Redraw a form; return Slack's error code when that is no use any more."""
    try:
        client.views_update(view_id=view_id, view=view, hash=known_hash)
    except SlackApiError as error:
        if error.response.get("error") not in GONE:
            raise
        return str(error.response.get("error"))
    return ""


def _customer_option(customer: Customer) -> block_kit.Element:
    return block_kit.option(customer.name, customer.id, customer.domain or customer.tenant_id or None)
