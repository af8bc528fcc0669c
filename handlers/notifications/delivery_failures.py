"""Renders what the on-call channel reads when something failed in Slack: what it was, and what to do about it."""

import re
from collections.abc import Callable, Mapping
from functools import partial

from handlers.blocks import block_kit
from handlers.i18n.message_kinds import MESSAGE_KINDS
from handlers.i18n.reach_answers import find_fact
from handlers.i18n.slack_answers import (
    ESCALATION_SETTING,
    LEFT,
    ONCALL_SETTING,
    UNKNOWN_USER,
    SlackErrorWords,
    find_error,
    say_instead,
)
from handlers.i18n.words import N_, Words
from handlers.notifications.context import MessageContext
from handlers.notifications.message import Message
from handlers.settings import Settings
from models.rules.outbox.failure_notice import ESCALATIONS, ONCALL, FailureKind, FailureNotice, read_notice
from models.rules.outbox.message_kinds import MessageKind

_NO_RIGHT = ("missing_scope", "no_permission", "not_allowed_token_type", "access_denied")
_TOPIC = {
    **dict.fromkeys(
        _NO_RIGHT,
        N_(
            "⚠️ Channel topic: the app may not set it ({error}). Update the app from "
            "`csp-escalate manifest`, and install it again."
        ),
    ),
    "restricted_action": N_(
        "⚠️ Channel topic: only some people may set it here ({error}). Allow it in the settings of the channel."
    ),
    **dict.fromkeys(
        ("channel_not_found", "not_in_channel"),
        N_("⚠️ Channel topic: the app is not in the channel ({error}). Invite it: /invite @ and its name."),
    ),
    "is_archived": N_(
        "⚠️ Channel topic: the channel is archived ({error}). Unarchive it, or name another one in CSP_ONCALL_CHANNEL."
    ),
}
_TOPIC_ELSE = N_("⚠️ The channel topic could not be set ({error}). Run `csp-escalate doctor`.")
_GROUP = {
    **dict.fromkeys(
        _NO_RIGHT,
        N_("⚠️ User group: the app may not edit it ({error}). Update the app from "
            "`csp-escalate manifest`, and install it again."),
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
            "⚠️ User group: nobody who is on call can be in it ({error}), so it still contains the previous people. "
            "Put a full member on the rota, or name leads in CSP_LEADS."
        ),
    ),
}  # fmt: skip
_GROUP_ELSE = N_("⚠️ The user group could not be filled ({error}). Run `csp-escalate doctor`.")
_UNUSED = {
    "CSP_REACH_FILE": N_(
        "⚠️ Nobody is reached outside Slack: the file of {setting} has a fault, so the bot runs without it. Which: "
        "`csp-escalate doctor`. Correct it, then restart the bot."
    ),
    "CSP_REMINDERS_FILE": N_(
        "⚠️ The packaged reminder times apply: the file of {setting} has a fault, so the bot runs without it. Which "
        "fault: `csp-escalate doctor`. Correct it, then restart the bot."
    ),
}
_UNUSED_ELSE = N_("⚠️ The file of {setting} has a fault, so the bot runs without it. Run `csp-escalate doctor`.")
_DISCARDED = N_(
    "🗑️ {who} discarded a message at the terminal, so it is not sent: {what}. Why: `csp-escalate outbox show {n}`"
)
_RETRIED = N_("🔁 {who} lets a discarded message be sent after all: {what}. More: `csp-escalate outbox show {n}`")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
_NAMED = 50
"""Missing escalations that one message names."""
_LEFT_OUT = {
    "guest": N_("⚠️ User group: {who} is a guest and can't be in it. Make them a full member. All others are in it."),
    "bot": N_("⚠️ User group: {who} is an app and can't be in it. Take it off the rota. All others are in it."),
    "stranger": N_(
        "⚠️ User group: {who} belongs to another organisation and can't be in it. Put a member of this workspace on the "
        "rota. All others are in it."
    ),
}
_LEFT_OUT_ELSE = N_("⚠️ User group: Slack does not let {who} into it ({error}). All others are in it.")


def render_notice(context: MessageContext) -> Message | None:
    """Return the message that says what failed; None when another channel has it already."""
    settings, notice = context.render_context.settings, read_notice(context.delivery.note)
    place = _find_place(notice, context.delivery.channel, settings)
    if place is None:
        return None
    text = describe(notice, Words.of(settings.language), settings)
    return Message(text, [block_kit.section(text)], place[0], thread_ts=place[1])


def describe(notice: FailureNotice, words: Words, settings: Settings) -> str:
    """Return what failed and what to do about it, escaped."""
    if notice.kind is FailureKind.MESSAGE:
        return _describe_message(notice, words, settings)
    return _DESCRIPTIONS[notice.kind](notice, words)


def _find_place(notice: FailureNotice, channel: str | None, settings: Settings) -> tuple[str, str | None] | None:
    """Return the channel and the thread for a notice; None when the escalation channel is the on-call channel.

    That an older database was restored is said in both channels, and in the threads of missing escalations.
    """
    if notice.kind is not FailureKind.OLDER_RECORD or notice.target in {"", ONCALL}:
        return settings.oncall_channel, None
    if notice.target == ESCALATIONS:
        is_same = settings.escalation_channel == settings.oncall_channel
        return None if is_same else (settings.escalation_channel, None)
    return (channel, notice.target) if channel else (settings.oncall_channel, None)


def _describe_older_record(notice: FailureNotice, words: Words) -> str:
    """Return the notice of a restored older database with its missing escalations; in a thread, only its own one."""
    names = [f"CSP-{number}" for number in notice.numbers]
    if notice.target not in {"", ONCALL, ESCALATIONS}:
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
    listed, more = words.join_items(names[:_NAMED]), len(names) - _NAMED
    counted = words.plural(
        "… and {n} more. A reply below its card says so of each.",
        "… and {n} more. A reply below its card says so of each.", more,
    )  # fmt: skip
    # On a line of its own: a text that begins with a number is taken for the card of that escalation.
    missing = words("No longer on record. Raise them again unless they are resolved:")
    return "\n".join([older, missing, listed, *([counted] if more > 0 else [])])


def _describe_topic(notice: FailureNotice, words: Words) -> str:
    error = block_kit.escape(notice.error)
    return words(_TOPIC.get(error, _TOPIC_ELSE), error=error)


def _describe_group(notice: FailureNotice, words: Words) -> str:
    error = block_kit.escape(notice.error)
    return words(_GROUP.get(error, _GROUP_ELSE), error=error)


def _describe_left_out(notice: FailureNotice, words: Words) -> str:
    error = block_kit.escape(notice.error)
    return words(_LEFT_OUT.get(error, _LEFT_OUT_ELSE), who=block_kit.mention(notice.target), error=error)


def _describe_edited(notice: FailureNotice, words: Words) -> str:
    return words(
        "The on-call user group was changed by hand ({who}). It follows who is on call, so it was reset.",
        who=block_kit.mention(notice.target),
    )


def _describe_decision(sentence: str, notice: FailureNotice, words: Words) -> str:
    """Return what an operator decided about which message: the notice has its kind, its number, and who decided."""
    number, _, by = notice.error.partition(" ")
    kind = words(MESSAGE_KINDS[MessageKind(notice.target)])
    return words(sentence, who=block_kit.escape(by), what=kind, n=number)


def _describe_page(notice: FailureNotice, words: Words) -> str:
    def say(language: Words) -> str:
        says = language(
            N_(
                "⚠️ One message to {who} outside Slack did not arrive ({error}); others may have. What was tried: "
                "`csp-escalate reach show NAME`"
            ),
            who=block_kit.mention(notice.target),
            error=block_kit.escape(notice.error),
        )
        fact = find_fact(notice.error)
        return language.join_sentences([says, language(fact) if fact else ""])

    return words.line_per_language(say)


def _describe_webhook(notice: FailureNotice, words: Words) -> str:
    return words(
        "⚠️ The webhook has not taken a move of {name} for 15 minutes ({error}), so later ones of this case wait. Look "
        "at its receiver; then: `csp-escalate outbox list`",
        name=block_kit.escape(notice.target),
        error=block_kit.escape(notice.error),
    )


def _describe_unused_file(notice: FailureNotice, words: Words) -> str:
    return words(_UNUSED.get(notice.target, _UNUSED_ELSE), setting=block_kit.escape(notice.target))


def _describe_picture(notice: FailureNotice, words: Words) -> str:
    error = find_error(notice.error)
    if error is None:
        says = N_("⚠️ The picture of the rota could not be posted ({error}). Run `csp-escalate doctor`.")
        return words(says, error=block_kit.escape(notice.error))
    return words.line_per_language(partial(_say_picture, error))


def _say_picture(error: SlackErrorWords, words: Words) -> str:
    begin = words(N_("⚠️ The picture of the rota could not be posted."))
    instead = say_instead(error, words, ONCALL_SETTING)
    return words.join_sentences((begin, words(error.fact), words(error.step), instead))


def _describe_message(notice: FailureNotice, words: Words, settings: Settings) -> str:
    target, code = notice.target, notice.error
    is_person = target.startswith(("U", "W"))
    error = find_error(code, of_person=is_person)
    if error is None:
        says = N_(
            "⚠️ A message to {target} was refused ({error}) and is set aside. Which it is, and how to send it again: "
            "`csp-escalate outbox list`"
        )
        return words(says, target=_mention(target), error=block_kit.escape(code))
    if error is UNKNOWN_USER:
        says = N_("⚠️ Slack knows nobody by {id}. Please correct this member ID in the rota.")
        return words(says, id=f"`{block_kit.escape(target)}`")
    if error is LEFT:
        says = N_(
            "⚠️ {who} is not in the Slack workspace any more: a message to them was not delivered. Please take them off "
            "the rota."
        )
        return words(says, who=block_kit.mention(target))
    say = partial(_say_waits if error.is_of_channel else _say_set_aside, error, target, _find_setting(target, settings))
    return words.line_per_language(say)


def _say_waits(error: SlackErrorWords, target: str, setting: str, words: Words) -> str:
    """Return why no message goes to a channel, and what to do: those that wait are sent then."""
    begin = words(N_("⚠️ Messages to {target} can't be delivered."), target=_mention(target))
    then = words(N_("Then they are sent by themselves."))
    facts = (begin, words(error.fact), words(error.step), then, say_instead(error, words, setting))
    return words.join_sentences(facts)


def _say_set_aside(error: SlackErrorWords, target: str, _setting: str, words: Words) -> str:
    begin = words(N_("⚠️ A message to {target} was not delivered and is set aside."), target=_mention(target))
    where = words(N_("Which it is, and what to do about it: `csp-escalate outbox list`"))
    return words.join_sentences((begin, words(error.fact), where))


def _mention(target: str) -> str:
    """Mention a person or a channel: Slack shows its name."""
    return f"<#{target}>" if _CHANNEL.fullmatch(target) else block_kit.mention(target)


def _find_setting(channel: str, settings: Settings) -> str:
    """Return the setting that names a channel; empty where none does."""
    named = {settings.escalation_channel: ESCALATION_SETTING, settings.oncall_channel: ONCALL_SETTING}
    return named.get(channel, "")


_DESCRIPTIONS: Mapping[FailureKind, Callable[[FailureNotice, Words], str]] = {
    FailureKind.TOPIC: _describe_topic,
    FailureKind.GROUP: _describe_group,
    FailureKind.LEFT_OUT: _describe_left_out,
    FailureKind.EDITED: _describe_edited,
    FailureKind.DISCARDED: partial(_describe_decision, _DISCARDED),
    FailureKind.RETRIED: partial(_describe_decision, _RETRIED),
    FailureKind.PAGE: _describe_page,
    FailureKind.WEBHOOK: _describe_webhook,
    FailureKind.PICTURE: _describe_picture,
    FailureKind.UNUSED_FILE: _describe_unused_file,
    FailureKind.OLDER_RECORD: _describe_older_record,
}
