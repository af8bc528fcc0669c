"""Answers to errors: a sentence in the person's language, where they are looking.

There are three kinds. A rule refuses; the store or Slack is away; all else is a bug. A bug gets a reference number in
the log and on the screen. No error is swallowed, and no body is ever logged.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers import ids
from handlers.blocks import block_kit, own_zone
from handlers.context import Services, SlackResponder
from handlers.i18n import labels
from handlers.i18n.dates import moment_with_zone
from handlers.i18n.durations import span
from handlers.i18n.erased_words import in_words
from handlers.i18n.errors import NOT_SAVED, TOO_LATE, UNEXPECTED, UNREACHABLE, WRONG_WORKSPACE, find_sentence
from handlers.i18n.words import Words
from handlers.log_context import about, describe_press
from handlers.payloads import Body, is_typed_line, team_of, user_of
from models.rules.errors import NotSaved, Refusal, Refused, SlackUnreachable
from models.rules.escalations.escalation import Move, Status, Turn

log = logging.getLogger(__name__)
SLACK_IS_BUSY = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
    }
)
REFUSED = "refused"
TAKING = frozenset({ids.ROTA_TAKE, ids.ROTA_TAKE_LISTED, ids.ROTA_STEP_IN, ids.OFFER_TAKE})
"""Buttons by which somebody takes a shift or gap."""
HINTS = "hints"
VIEW_KEYS = ("type", "callback_id", "title", "submit", "close", "private_metadata")
"""The keys of a delivered view that a redraw may contain."""
USER_VALUES = frozenset({"owner", "who"})


class ErrorAnswers:
    """Turns an error of a handler into an answer for the person who asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def answer(
        self, error: Exception, body: dict[str, Any], respond: Callable[..., Any], client: SlackResponder
    ) -> BoltResponse:
        """Answer an error of a listener; Bolt calls this.

        The answer also acknowledges what was not acknowledged yet.
        """
        with about(**describe_press(body)):
            return self._answer(error, body, respond, client)

    def _answer(
        self, error: Exception, body: dict[str, Any], respond: Callable[..., Any], client: SlackResponder
    ) -> BoltResponse:
        if slack_error_code(error) == "exchanged_trigger_id":
            log.info("the same press was delivered before and opened its form then")
            return BoltResponse(status=200, body="")
        words = self._services.words_for(user_of(body))
        if body.get("type") == "view_submission":
            again = not isinstance(error, Refused)
            return _show_field_errors(body["view"], self._sentences_by_field(error, words, parsed=False), again=again)
        text = "\n".join(self._sentences_by_field(error, words, parsed=True).values())
        more = self._suggest_actions(error, body, words)
        if body.get("response_url"):
            _try_to_reply(respond, text, more)
        elif body.get("type") == "shortcut":  # it belongs to no channel that could be answered in
            _try_to_open(client, body, text, words)
        elif is_typed_line(body):
            _try_to_post(client, body, text, more)
        elif body.get("type") == "block_actions" and (body.get("view") or {}).get("blocks"):
            _try_to_show(client, body, text, words, more)
        # Returned also when it was acknowledged before: Bolt then keeps that acknowledgement instead of losing it.
        return BoltResponse(status=200, body="")

    def _sentences_by_field(self, error: Exception, words: Words, *, parsed: bool) -> dict[str, str]:
        """Return sentences by their field; the empty field is the form as a whole."""
        match error:
            case Refused():
                return {r.field or "": self.sentence(r, words, parsed=parsed) for r in error.refusals}
            case NotSaved():
                return {"": words(NOT_SAVED)}
            case SlackApiError() if slack_error_code(error) == "expired_trigger_id":
                return {"": words(TOO_LATE)}
            case SlackUnreachable() | SlackClientError() if not _is_our_fault(error):
                log.warning("Slack did not answer in time: %s", error)
                return {"": words(UNREACHABLE)}
        reference = secrets.token_hex(4).upper()
        log.error("unexpected error %s", reference, exc_info=error)
        return {"": words(UNEXPECTED, reference=reference)}

    def sentence(self, refusal: Refusal, words: Words, *, parsed: bool, zone: ZoneInfo | None = None) -> str:
        """Return a refusal as a sentence; ``parsed`` when Slack will read mentions and dates in it.

        ``zone`` is that of a reader outside Slack: there it is named.
        """
        values = {"name": "", "who": "", "at": "", "owner": "", **refusal.values, **self._last_change(refusal)}
        texts = {key: self._format_value(key, value, words, parsed, zone) for key, value in values.items()}
        leads = [self._format_value("who", lead, words, parsed) for lead in sorted(self._services.settings.leads)]
        texts["leads"] = words.join_items(leads) or words("a lead")
        return words(find_sentence(refusal), **texts)

    def _suggest_actions(self, error: Exception, body: Body, words: Words) -> list[block_kit.Block]:
        """Return a button for what must be done first, shown beside the refusal."""
        return _tell_customer_button(error, words) or self._join_button(error, body, words)

    def _join_button(self, error: Exception, body: Body, words: Words) -> list[block_kit.Block]:
        """Return the button “Add me and take it” for a lead who is not on the rota."""
        action = (body.get("actions") or [{}])[0]
        missing = isinstance(error, Refused) and any(refusal.reason == "not_on_the_rota" for refusal in error.refusals)
        if not missing or user_of(body) not in self._services.settings.leads or action.get("action_id") not in TAKING:
            return []
        join = block_kit.button(
            words("Add me and take it"), f"{ids.ROTA_JOIN}{action['action_id']}", str(action["value"])
        )
        return [block_kit.actions([{**join, "style": "primary"}])]

    def _last_change(self, refusal: Refusal) -> Mapping[str, object]:
        """Return who brought the escalation into its status and when, for a click on an outdated card."""
        number, status = refusal.values.get("number"), refusal.values.get("status")
        if not isinstance(number, int) or not isinstance(status, Status) or "who" in refusal.values:
            return {}
        entry = self._services.queries.last_entry_into(number, status)
        return {"who": entry.by, "at": entry.at} if entry else {}

    def _format_time(self, at: datetime, words: Words, parsed: bool, zone: ZoneInfo | None) -> str:
        if zone:
            return moment_with_zone(at, zone, words)
        local = at.astimezone(self._services.settings.timezone)
        return own_zone.in_sentence(at, words) if parsed else f"{local:%Y-%m-%d %H:%M}"

    def _format_value(self, key: str, value: object, words: Words, parsed: bool, zone: ZoneInfo | None = None) -> str:
        if key in USER_VALUES and value:
            name = "" if parsed else self._services.find_name(str(value))
            return block_kit.mention(str(value)) if parsed else in_words(name, words)
        if isinstance(value, datetime):
            return self._format_time(value, words, parsed, zone)
        if isinstance(value, timedelta):
            return span(value, words)
        if isinstance(value, Status | Turn):
            return words(labels.STATUS[value]) if isinstance(value, Status) else words(labels.TURN[value])
        if key == "fields" and isinstance(value, tuple):
            return labels.list_fields(value, words)
        return block_kit.escape(str(value)) if parsed else str(value)


def _tell_customer_button(error: Exception, words: Words) -> list[block_kit.Block]:
    """Return the button “Customer told” where a case can't be closed before."""
    refusals = error.refusals if isinstance(error, Refused) else ()
    number = next(
        (refusal.values.get("number") for refusal in refusals if refusal.reason == "tell_customer_first"), None
    )
    if not isinstance(number, int):
        return []
    button = block_kit.button(
        words(labels.MOVE[Move.TELL]), f"{ids.CARD}{Move.TELL}", str(ids.EscalationSubject(number))
    )
    return [block_kit.actions([button])]


def slack_error_code(error: Exception) -> str:
    """Return Slack's code for an error of its methods; empty for any other error."""
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else ""


def _is_our_fault(error: Exception) -> bool:
    """Return whether Slack refused what we sent, not because it was busy or the trigger expired."""
    if not isinstance(error, SlackApiError):
        return False
    error_code = slack_error_code(error)
    # A code that starts with http_5 is a server error without an answer in Slack's format.
    return error_code not in SLACK_IS_BUSY and not error_code.startswith("http_5")


def wrong_workspace(body: Body, respond: Callable[..., Any]) -> BoltResponse:
    """Refuse a delivery of a workspace we do not serve, or of somebody of another organisation.

    Its team id is logged, nothing of its contents.
    """
    log.warning("refused a delivery of workspace %.20s", team_of(body))
    words = Words.of("both")
    if body.get("type") == "view_submission":
        return _show_field_errors(body.get("view") or {}, {"": words(WRONG_WORKSPACE)})
    if body.get("command"):
        return BoltResponse(status=200, body=words(WRONG_WORKSPACE))
    if body.get("response_url"):
        _try_to_reply(respond, words(WRONG_WORKSPACE))
    return BoltResponse(status=200, body="")


def _show_field_errors(view: Mapping[str, Any], sentences: Mapping[str, str], *, again: bool = True) -> BoltResponse:
    """Return form errors, each under its field; the rest go under the last one, next to the button.

    ``again`` says that pressing it again may help.
    """
    inputs = [block["block_id"] for block in view.get("blocks", ()) if block.get("type") == "input"]
    if not inputs:
        return _show_on_top(view, sentences.values(), again=again)
    errors: dict[str, str] = {}
    for field, sentence in sentences.items():
        place = field if field in inputs else inputs[-1]
        errors[place] = " ".join(filter(None, [errors.get(place), sentence]))
    return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})


def _show_on_top(view: Mapping[str, Any], sentences: Iterable[str], *, again: bool) -> BoltResponse:
    """Return a view without fields with the error on top. What was refused can't be submitted again."""
    if not view.get("blocks"):
        return BoltResponse(status=200, body="")
    shown = _add_notice(view, block_kit.plain(f"⚠️ {' '.join(sentences)}"))
    shown = shown if again else {key: value for key, value in shown.items() if key != "submit"}
    return BoltResponse(status=200, body={"response_action": "update", "view": shown})


def add_hints(view: Mapping[str, Any], hints: Iterable[str]) -> block_kit.Block:
    """Return a view with hints on top; it can be submitted again."""
    return _add_notice(view, block_kit.plain("\n".join(f"⚠️ {hint}" for hint in hints)), HINTS)


def has_hints(view: Mapping[str, Any]) -> bool:
    """Return whether a view showed hints when it was submitted."""
    return any(block.get("block_id") == HINTS for block in view.get("blocks", ()))


def _add_notice(view: Mapping[str, Any], text: block_kit.Element, block_id: str = REFUSED) -> block_kit.Block:
    """Return a view with a sentence on top. What was typed stays, because its fields are the same."""
    blocks = [block for block in view.get("blocks", ()) if block.get("block_id") != block_id]
    shape = {key: view[key] for key in VIEW_KEYS if view.get(key)}
    notice = {**block_kit.aside(text), "block_id": block_id}
    return {**shape, "blocks": [notice, *blocks]}


def _try_to_reply(respond: Callable[..., Any], text: str, more: Sequence[block_kit.Block] = ()) -> None:
    """Reply privately, with suggested actions. When that fails too, only the log is told."""
    blocks = {"blocks": [block_kit.section(text), *more]} if more else {}
    try:
        respond(text=text, response_type="ephemeral", replace_original=False, **blocks)
    except (SlackClientError, OSError) as error:
        log.warning("could not answer: %s", type(error).__name__)


def _try_to_post(client: SlackResponder, body: Body, text: str, more: Sequence[block_kit.Block]) -> None:
    """Answer a line that was typed in a direct message, in its thread."""
    event = body["event"]
    thread = str(event.get("thread_ts") or event["ts"])
    blocks = [block_kit.section(text), *more]
    try:
        client.chat_postMessage(channel=str(event["channel"]), text=text, blocks=blocks, thread_ts=thread)
    except (SlackClientError, OSError) as error:
        log.warning("could not answer: %s", type(error).__name__)


def _try_to_show(
    client: SlackResponder, body: Body, text: str, words: Words, more: Sequence[block_kit.Block] = ()
) -> None:
    """Show an error on top of a modal, or in a small modal for the Home tab.

    Where Slack opens no modal any more, the tab shows it.
    """
    open_view = body["view"]
    if open_view.get("type") == "home" and _try_to_open(client, body, text, words, more):
        return
    view_with_notice = _add_notice(open_view, block_kit.parsed(f"⚠️ {text}"))
    try:
        if open_view.get("type") == "home":
            client.views_publish(user_id=user_of(body), view=view_with_notice)
        else:
            client.views_update(view_id=str(open_view.get("id")), view=view_with_notice)
    except (SlackClientError, OSError) as error:
        log.warning("could not answer: %s", type(error).__name__)


def _try_to_open(
    client: SlackResponder, body: Body, text: str, words: Words, more: Sequence[block_kit.Block] = ()
) -> bool:
    """Open a small modal with the error; return False when Slack opened none."""
    view = block_kit.modal(ids.DONE, words("Not done"), [block_kit.section(text), *more], words("Done"))
    try:
        client.views_open(trigger_id=str(body.get("trigger_id")), view=view)
    except (SlackClientError, OSError) as error:
        log.warning("could not answer: %s", type(error).__name__)
        return False
    return True
