"""What Slack's error codes mean, and what an operator does about each: a fact and a next step."""

from dataclasses import dataclass
from enum import StrEnum

from handlers.i18n.words import N_, Words

ONCALL_SETTING, ESCALATION_SETTING = "CSP_ONCALL_CHANNEL", "CSP_ESCALATION_CHANNEL"


class Afterwards(StrEnum):
    """What is done with a message that was set aside, once its cause is corrected."""

    RETRY = "retry"
    DISCARD = "discard"
    EITHER = "either"


@dataclass(frozen=True)
class SlackErrorWords:
    """What an error code means. ``step`` is empty where nothing is to be done."""

    fact: str
    step: str = ""
    instead: str = ""
    """What else may be done; it may name the setting of a channel."""
    afterwards: Afterwards = Afterwards.RETRY
    is_of_channel: bool = False


_MANIFEST = N_("Update the app from csp-escalate manifest, and install it again.")
_NEW_TOKEN = N_("Install the app again, put the new token into SLACK_BOT_TOKEN, and restart the bot.")
_REPORT = N_("Please report it with this number.")
_INVITE = N_("Invite it there: /invite @ and its name.")
_INSTEAD = N_("If another channel takes its place, name that one in {setting}, and restart the bot.")
_TOKEN = SlackErrorWords(
    N_("Slack does not accept the bot token."), N_("Copy it again into SLACK_BOT_TOKEN, and restart the bot.")
)
_APP_TOKEN = SlackErrorWords(
    N_("Slack does not accept the app-level token, or it lacks the scope connections:write."),
    N_(
        "Copy it again into SLACK_APP_TOKEN, or create a new one under Basic Information of the Slack app, and restart "
        "the bot."
    ),
)
_PERMISSION = SlackErrorWords(N_("The app lacks a permission."), _MANIFEST)
_BLOCKED = SlackErrorWords(
    N_("The rules of the Slack workspace keep the app out."),
    N_("Ask an administrator of the workspace to allow the app."),
)
_ARCHIVED = SlackErrorWords(N_("The channel is archived."), N_("Unarchive it."), _INSTEAD, is_of_channel=True)
UNKNOWN_USER = SlackErrorWords(
    N_("Slack knows nobody by this member ID."), N_("Correct the ID in the rota, and tell this person another way."),
    afterwards=Afterwards.DISCARD,
)  # fmt: skip
LEFT = SlackErrorWords(
    N_("This person is not in the Slack workspace any more."),
    N_("Take them off the rota, and tell them another way."), afterwards=Afterwards.DISCARD,
)  # fmt: skip
_TOO_LONG = SlackErrorWords(N_("The message is too long for Slack."), _REPORT, afterwards=Afterwards.EITHER)
_CONTENT = SlackErrorWords(N_("Slack refused the content of the message."), _REPORT, afterwards=Afterwards.EITHER)
_FAILED = SlackErrorWords(N_("Slack itself had a failure."))
_TOO_MANY = SlackErrorWords(N_("Slack asks to wait: too many messages at once."))
_ERRORS = {
    **dict.fromkeys(("invalid_auth", "not_authed", "token_expired", "not_allowed_token_type"), _TOKEN),
    "token_revoked": SlackErrorWords(N_("The bot token was revoked."), _NEW_TOKEN),
    "account_inactive": SlackErrorWords(N_("The app was removed from the Slack workspace."), _NEW_TOKEN),
    **dict.fromkeys(("missing_scope", "no_permission", "access_denied", "team_access_not_granted"), _PERMISSION),
    **dict.fromkeys(
        ("ekm_access_denied", "org_login_required", "enterprise_is_restricted", "two_factor_setup_required"), _BLOCKED
    ),
    **dict.fromkeys(("is_archived", "is_inactive"), _ARCHIVED),
    "channel_not_found": SlackErrorWords(
        N_("There is no such channel, or it is private and the app is not in it."), _INVITE, _INSTEAD,
        is_of_channel=True,
    ),
    "not_in_channel": SlackErrorWords(N_("The app is not in the channel."), _INVITE, is_of_channel=True),
    "restricted_action": SlackErrorWords(
        N_("The channel lets only some people post or change it."),
        N_("Allow it to the app, in the settings of the channel."), is_of_channel=True,
    ),
    **dict.fromkeys(("user_not_found", "users_not_found", "user_not_visible"), UNKNOWN_USER),
    "user_disabled": LEFT,
    "cannot_dm_bot": SlackErrorWords(
        N_("This member is an app, and takes no direct messages."), N_("Take it off the rota."),
        afterwards=Afterwards.DISCARD,
    ),
    "messages_tab_disabled": SlackErrorWords(N_("Direct messages to the app are switched off."), _MANIFEST),
    **dict.fromkeys(("msg_too_long", "msg_blocks_too_long"), _TOO_LONG),
    **dict.fromkeys(("invalid_blocks", "invalid_arguments", "no_text", "render"), _CONTENT),
    **dict.fromkeys(("internal_error", "fatal_error", "service_unavailable", "request_timeout"), _FAILED),
    **dict.fromkeys(("ratelimited", "rate_limited", "message_limit_exceeded"), _TOO_MANY),
    "claimed too often": SlackErrorWords(
        N_("Sending it ended the program again and again."), N_("Update the program.")
    ),
}  # fmt: skip


def find_error(code: str, *, of_person: bool = False) -> SlackErrorWords | None:
    """Return what Slack's code means, or that of our own failure; None for one that has no words yet.

    ``account_inactive`` is said of the app's token; ``of_person`` says that it was said of the reader of a message.
    """
    if of_person and code == "account_inactive":
        return LEFT
    return _ERRORS.get("restricted_action" if code.startswith("restricted_action") else code)


def find_connection_error(code: str) -> SlackErrorWords | None:
    """Return what Slack's code means where an app-level token asks for an address of Socket Mode."""
    error = find_error(code)
    is_of_token = error in {_TOKEN, _PERMISSION} or code in {"token_revoked", "account_inactive"}
    return _APP_TOKEN if is_of_token else error


def say_instead(error: SlackErrorWords, words: Words, setting: str) -> str:
    """Return what else may be done about a channel that a setting names; empty where none does."""
    return words(error.instead, setting=setting) if error.instead and setting else ""
