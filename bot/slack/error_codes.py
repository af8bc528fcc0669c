"""What each answer of Slack's, or none, means for the message it was about (``models.rules.delivery``)."""

from dataclasses import replace
from math import isnan

from slack_sdk.errors import SlackApiError

from bot.http_client.transport import NoResponse, RequestNotSent
from bot.slack.client import error_of, header_of
from models.rules.delivery import LOOKING, SendResult, SlackAnswer

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
"""Refused for want of a right: everything, when a message is; of a topic or a user group only that."""
GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_NOTHING_THERE = {"thread_not_found", "message_not_found"}


def sort(failure: Exception) -> SlackAnswer:
    """Say what a failed call means for the message it carried."""
    if isinstance(failure, SlackApiError):
        return _sort_refusal(failure)
    if isinstance(failure, RequestNotSent):
        return SlackAnswer(SendResult.NOT_ACCEPTED, error=str(failure))
    # A reset, a time-out, half an answer, or a surprise in the SDK: it may have been accepted, so look first.
    return SlackAnswer(
        SendResult.UNKNOWN, error=str(failure) if isinstance(failure, NoResponse) else type(failure).__name__
    )


def _sort_refusal(failure: SlackApiError) -> SlackAnswer:
    status, error = failure.response.status_code, error_of(failure)
    if status == 429 or error in _NOT_ACCEPTED:
        return SlackAnswer(
            SendResult.NOT_ACCEPTED, error=error, retry_after=wait_of(header_of(failure.response, "retry-after"))
        )
    if status == 500 or error in _ANSWERED:
        return SlackAnswer(SendResult.UNKNOWN, error=error, answered=True)
    if status > 500 or error.startswith("http_") or error in _UNKNOWN:
        return SlackAnswer(SendResult.UNKNOWN, error=error)
    if error in _WORKSPACE:
        return SlackAnswer(SendResult.WORKSPACE_BROKEN, error=error)
    if error in TARGET or error.startswith("restricted_action"):
        return SlackAnswer(SendResult.TARGET_BROKEN, error=error)
    # All else is a plain "not like this": the content, or a code that is newer than this table.
    return SlackAnswer(SendResult.CONTENT_BROKEN, error=error)


def sort_wish(answer: SlackAnswer) -> SlackAnswer:
    """Classify a refused topic or user group: no message is harmed, and it is tried again until it is allowed."""
    refused = answer.verdict is SendResult.CONTENT_BROKEN or answer.error in _ONE_PERMISSION
    return replace(answer, verdict=SendResult.TARGET_BROKEN) if refused else answer


def sort_look(answer: SlackAnswer) -> SlackAnswer:
    """Classify a failed search: it says nothing about the message itself, nor about sending."""
    if answer.verdict is SendResult.NOT_ACCEPTED:
        return replace(answer, scope=LOOKING)
    if answer.error == "missing_scope":
        # Some workspaces grant no history. Then the wait and ``client_msg_id`` are all there is against doubles.
        return replace(answer, verdict=SendResult.ABSENT)
    if answer.verdict is SendResult.CONTENT_BROKEN:
        return replace(answer, verdict=SendResult.ABSENT if answer.error in _NOTHING_THERE else SendResult.UNKNOWN)
    return answer


def wait_of(header: str | None) -> float:
    """Seconds to wait by a Retry-After header: 30 when it is missing or no number, between 1 and 600 else."""
    try:
        seconds = float(header) if header is not None else _DEFAULT_WAIT
    except ValueError:
        return _DEFAULT_WAIT
    return _DEFAULT_WAIT if isnan(seconds) else min(_LONGEST_WAIT, max(_LEAST_WAIT, seconds))
