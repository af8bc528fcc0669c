"""What the on-call channel is told when something could not be done in Slack: what it was, and what to do about it.

Read from the note of the outbox: what failed, where, and Slack's error.
"""

from collections.abc import Callable, Mapping

from handlers.blocks import block_kit
from handlers.i18n.words import N_, Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from handlers.settings import Settings
from models.restore.missing_cases import ESCALATIONS, OLDER, ONCALL
from models.rules.delivery import Delivery

UNKNOWN = frozenset({"user_not_found", "users_not_found", "user_not_visible"})
"""Slack's errors for an id that nobody has."""
GONE = frozenset({"user_disabled", "account_inactive"})
"""Slack's errors for somebody who is not in the workspace any more."""
_NO_RIGHT = ("missing_scope", "no_permission", "not_allowed_token_type", "access_denied")
_TOPIC = {
    **dict.fromkeys(
        _NO_RIGHT,
        N_("⚠️ Channel topic: the app may not set it ({error}). Update the app from manifest.yml and install it again."),
    ),
    "restricted_action": N_(
        "⚠️ Channel topic: only some people may set it here ({error}). Allow it in the settings of the channel."
    ),
    **dict.fromkeys(
        ("channel_not_found", "not_in_channel"),
        N_("⚠️ Channel topic: the app is not in the channel ({error}). Invite it: /invite @CSP Escalate"),
    ),
    "is_archived": N_(
        "⚠️ Channel topic: the channel is archived ({error}). Unarchive it, or name another one in CSP_ONCALL_CHANNEL."
    ),
}
_TOPIC_ELSE = N_("⚠️ The channel topic could not be set ({error}). Run `csp-escalate doctor`.")
_GROUP = {
    **dict.fromkeys(
        _NO_RIGHT,
        N_("⚠️ User group: the app may not edit it ({error}). Update the app from manifest.yml and install it again."),
    ),
    "permission_denied": N_(
        "⚠️ User group: only some people may edit groups here ({error}). Allow everyone to edit groups in the workspace "
        "settings, under Permissions, or unset CSP_ONCALL_USERGROUP."
    ),
    **dict.fromkeys(
        ("plan_upgrade_required", "paid_teams_only"),
        N_("⚠️ User group: it needs a paid plan of Slack ({error}). Change the plan, or unset CSP_ONCALL_USERGROUP."),
    ),
    "no_such_subteam": N_(
        "⚠️ User group: it is disabled, or there is none with this ID ({error}). Enable it, or correct "
        "CSP_ONCALL_USERGROUP."
    ),
    **dict.fromkeys(
        ("no_users_provided", "invalid_users", "invalid_user", "failed_for_some_users",
         "single_channel_guests_cannot_be_added"),
        N_(
            "⚠️ User group: nobody who is on call can be in it ({error}), so it still names who was on before. Put a "
            "full member on the rota, or name leads in CSP_LEADS."
        ),
    ),
}  # fmt: skip
_GROUP_ELSE = N_("⚠️ The user group could not be filled ({error}). Run `csp-escalate doctor`.")
_NAMED = 50
"""So many missing cases are named in one message."""
_LEFT_OUT = {
    "guest": N_("⚠️ User group: {who} is a guest and can't be in it. Make them a full member. All others are in it."),
    "bot": N_("⚠️ User group: {who} is an app and can't be in it. Take it off the rota. All others are in it."),
    "stranger": N_(
        "⚠️ User group: {who} belongs to another organisation and can't be in it. Put a member of this workspace on the "
        "rota. All others are in it."
    ),
}
_LEFT_OUT_ELSE = N_("⚠️ User group: Slack does not let {who} into it ({error}). All others are in it.")


def notice(context: MessageContext) -> Message | None:
    """Return the message that says what failed; None when another channel tells it already."""
    settings = context.render_context.settings
    destination = place(context.delivery, settings)
    if destination is None:
        return None
    text = sentence(context.delivery.note, Words.of(settings.language))
    return Message(text, [block_kit.section(text)], destination[0], thread_ts=destination[1])


def sentence(note: str, words: Words) -> str:
    """What is said of a note; Slack parses it."""
    if note.startswith(OLDER):
        return _older(note.removeprefix(OLDER).split(), words)
    what, _, rest = note.partition(" ")
    if what in _WAYS:
        place, _, error = rest.partition(" ")
        return _WAYS[what](place, block_kit.escape(error), words)
    return _message(what, rest, note, words)


def place(delivery: Delivery, settings: Settings) -> tuple[str, str | None] | None:
    """The channel and the thread it is told in; None for the escalation channel when the on-call channel is the same
    and tells it already.
    """
    where = delivery.note.removeprefix(OLDER).split()[:1] if delivery.note.startswith(OLDER) else []
    if where == [ESCALATIONS]:
        channel = settings.escalation_channel
        return None if channel == settings.oncall_channel else (channel, None)
    if where and where != [ONCALL] and delivery.channel:
        return delivery.channel, where[0]
    return settings.oncall_channel, None


def _older(rest: list[str], words: Words) -> str:
    """That the database is older, and which cases are missing, if any; in the thread of a case only of that one."""
    names = [f"CSP-{number}" for number in rest[1:]]
    if rest and rest[0] not in {ONCALL, ESCALATIONS}:
        return words(
            "⚠️ {name} is no longer on record: the database was restored or replaced. The buttons on its card no "
            "longer work. Unless it is resolved, please raise it again: `/csp-escalate new`.",
            name=names[0],
        )
    older = words(
        "⚠️ The database is older than what Slack shows: it was restored or replaced. Buttons on earlier cards no "
        "longer work; cards of open escalations are redrawn. Please raise missing escalations again."
    )
    if not names:
        return older
    more = " …" if len(names) > _NAMED else ""
    # In a line of its own: a text that begins with a number is taken for a card of that case.
    missing = words("No longer on record. Raise them again unless they are resolved:")
    return f"{older}\n{missing}\n{', '.join(names[:_NAMED])}{more}"


def _topic(_place: str, error: str, words: Words) -> str:
    return words(_TOPIC.get(error, _TOPIC_ELSE), error=error)


def _group(_place: str, error: str, words: Words) -> str:
    return words(_GROUP.get(error, _GROUP_ELSE), error=error)


def _left_out(user: str, why: str, words: Words) -> str:
    return words(_LEFT_OUT.get(why, _LEFT_OUT_ELSE), who=block_kit.mention(user), error=why)


def _edited(user: str, _error: str, words: Words) -> str:
    return words(
        "The on-call user group was changed by hand ({who}). It follows who is on call, so it was reset.",
        who=block_kit.mention(user),
    )


def _picture(_place: str, error: str, words: Words) -> str:
    return words("⚠️ The picture of the rota could not be posted ({error}). Run `csp-escalate doctor`.", error=error)


def _message(place: str, error: str, note: str, words: Words) -> str:
    if error in UNKNOWN:
        return words(
            "⚠️ Slack knows nobody by {id}. Please correct this member ID in the rota.",
            id=f"`{block_kit.escape(place)}`",
        )
    if error in GONE:
        return words(
            "⚠️ {who} is not in the Slack workspace any more: a message to them was not delivered. Please take them off "
            "the rota.",
            who=block_kit.mention(place),
        )
    return words(
        "⚠️ A message could not be delivered ({what}). Is the bot in the channel? Run `csp-escalate doctor`.",
        what=block_kit.escape(note),
    )


_WAYS: Mapping[str, Callable[[str, str, Words], str]] = {
    "topic": _topic,
    "group": _group,
    "left_out": _left_out,
    "edited": _edited,
    "picture": _picture,
}
