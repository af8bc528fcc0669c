"""What each answer of Slack's, or none, means for the message it was about (``models.rules.outbox.send_outcome``)."""

from dataclasses import replace
from math import isnan

from slack_sdk.errors import SlackApiError

from bot.http_client.transport import NoResponse, RequestNotSent
from bot.slack.client import error_of, header_of
from models.rules.outbox.pace import LOOKING
from models.rules.outbox.send_outcome import SendOutcome, SendResult

_DEFAULT_WAIT, _LEAST_WAIT, _LONGEST_WAIT = 30.0, 1.0, 600.0
_NOT_ACCEPTED = {
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
    "accesslimited",
    "team_added_to_org",
}
# Slack documents that these may have partly succeeded; it works on the request no longer.
_ANSWERED = {"internal_error", "fatal_error", "http_500"}
_UNKNOWN = {
    "request_timeout",
    "service_unavailable",
    "duplicate_message_not_found",
    "duplicate_channel_not_found",
}
_WORKSPACE = {
    "invalid_auth",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "not_authed",
    "missing_scope",
    "ekm_access_denied",
    "org_login_required",
    "enterprise_is_restricted",
    "not_allowed_token_type",
    "no_permission",
    "two_factor_setup_required",
    "access_denied",
    "team_access_not_granted",
}
TARGET = {
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "user_not_found",
    "users_not_found",
    "user_disabled",
    "user_not_visible",
    "cannot_dm_bot",
    "messages_tab_disabled",
    "is_inactive",
    "slack_connect_file_link_sharing_blocked",
    "channel_type_not_supported",
}
_ONE_PERMISSION = {"missing_scope", "no_permission", "not_allowed_token_type", "access_denied"}
"""A permission is missing. Where a message is refused, all are; a refused topic or user group concerns only itself."""
GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_NOTHING_THERE = {"thread_not_found", "message_not_found"}


def classify(failure: Exception) -> SendOutcome:
    """Return what a failed call means for the message that it carried."""
    if isinstance(failure, SlackApiError):
        return _classify_refusal(failure)
    if isinstance(failure, RequestNotSent):
        return SendOutcome(SendResult.NOT_ACCEPTED, error=str(failure))
    # A reset, a time-out, half an answer, or a surprise in the SDK: it may have been accepted, so look first.
    return SendOutcome(
        SendResult.UNKNOWN, error=str(failure) if isinstance(failure, NoResponse) else type(failure).__name__
    )


def _classify_refusal(failure: SlackApiError) -> SendOutcome:
    status, error = failure.response.status_code, error_of(failure)
    if status == 429 or error in _NOT_ACCEPTED:
        return SendOutcome(
            SendResult.NOT_ACCEPTED,
            error=error,
            retry_after=read_retry_after(header_of(failure.response, "retry-after")),
        )
    if status == 500 or error in _ANSWERED:
        return SendOutcome(SendResult.UNKNOWN, error=error, answered=True)
    if status > 500 or error.startswith("http_") or error in _UNKNOWN:
        return SendOutcome(SendResult.UNKNOWN, error=error)
    if error in _WORKSPACE:
        return SendOutcome(SendResult.WORKSPACE_BROKEN, error=error)
    if error in TARGET or error.startswith("restricted_action"):
        return SendOutcome(SendResult.TARGET_BROKEN, error=error)
    # All else is a plain "not like this": the content, or a code that is newer than this table.
    return SendOutcome(SendResult.CONTENT_BROKEN, error=error)


def classify_setting(outcome: SendOutcome) -> SendOutcome:
    """Classify a refused topic or user group: no message is harmed, and it is tried again until it is allowed."""
    refused = outcome.result is SendResult.CONTENT_BROKEN or outcome.error in _ONE_PERMISSION
    return replace(outcome, result=SendResult.TARGET_BROKEN) if refused else outcome


def classify_search(outcome: SendOutcome) -> SendOutcome:
    """Classify a failed search: it says nothing about the message itself, nor about sending."""
    if outcome.result is SendResult.NOT_ACCEPTED:
        return replace(outcome, scope=LOOKING)
    if outcome.error == "missing_scope":
        # Some workspaces grant no history. Then the wait and ``client_msg_id`` are all there is against doubles.
        return replace(outcome, result=SendResult.ABSENT)
    if outcome.result is SendResult.CONTENT_BROKEN:
        return replace(outcome, result=SendResult.ABSENT if outcome.error in _NOTHING_THERE else SendResult.UNKNOWN)
    return outcome


def read_retry_after(header: str | None) -> float:
    """Return the seconds to wait by a Retry-After header, from 1 to 600; 30 where it is missing or no number."""
    try:
        seconds = float(header) if header is not None else _DEFAULT_WAIT
    except ValueError:
        return _DEFAULT_WAIT
    return _DEFAULT_WAIT if isnan(seconds) else min(_LONGEST_WAIT, max(_LEAST_WAIT, seconds))
