"""What a page asks its reader to do where its text has no link: what works now, with Slack or without it.

The bot learns within minutes that Slack is silent. Until then no sentence says that Slack works.
"""

from dataclasses import dataclass

from handlers.i18n import terminal_commands
from handlers.i18n.words import N_, Words
from handlers.notifications.context import MessageContext
from handlers.notifications.escalations import find_deadline_of
from models.rules.reminders.subjects import EscalationName, GapName, HandoverName, ReviewName, ShiftName, SubjectName

OWN_LINK = N_("Open the link on your own phone. If Slack works, you can answer there too.")
OWN_LINK_OR_LEAD, ONLY_OWN_LINK = (
    N_("Open the link on your own phone, or call a lead."),
    N_("Open the link on your own phone."),
)
IN_SLACK = {
    GapName: N_("If Slack works, take it there; else find somebody who can."),
    ShiftName: N_("If Slack works, confirm or take over there; else call who is named."),
    HandoverName: N_("If Slack works, hand over or take over there; else call who has not pressed."),
}
"""What to do while Slack is not known to be silent, by what a page is about."""
OTHER_IN_SLACK, OTHER_OF_LEAD = (
    N_("If Slack works, answer there; else call a lead."),
    N_("If Slack works, answer there; else at the terminal."),
)
TERMINAL = (
    N_("Slack does not answer. Call a lead, or go on at the terminal:"),
    N_("Slack does not answer. Who is on call: duty sheet. Go on at the terminal:"),
)
"""The command follows on a line of its own."""
WITHOUT_SLACK = {
    EscalationName: TERMINAL,
    ReviewName: TERMINAL,
    GapName: (N_("Slack does not answer. Find somebody who can take it: the duty sheet says how to reach people."),)
    * 2,
    ShiftName: (
        N_("Slack does not answer. Call who is named, or a lead: the duty sheet says how to reach them."),
        N_("Slack does not answer. Call who is named: the duty sheet says how to reach them."),
    ),
    HandoverName: (
        N_("Slack does not answer. Call who has not pressed, or a lead: the duty sheet says how to reach them."),
        N_("Slack does not answer. Call who has not pressed: the duty sheet says how to reach them."),
    ),
}
"""The same while Slack takes nothing, each for others and for a lead, who is not told to call a lead."""
WAITS = N_("Slack does not answer. The reminder waits for you there.")


@dataclass(frozen=True)
class PageReader:
    """The person whom a page calls, also where a group reads it."""

    is_lead: bool
    has_own_link: bool
    """Whether another page brings them the link."""


def describe_step(
    about: SubjectName | None, reader: PageReader, words: Words, *, is_slack_silent: bool, command: str
) -> str:
    """Return the sentence for one language. ``command`` is what brings a case further at the terminal."""
    kind = type(about)
    if reader.has_own_link and not is_slack_silent:
        return words(OWN_LINK)
    if reader.has_own_link:
        return words(ONLY_OWN_LINK) if reader.is_lead else words(OWN_LINK_OR_LEAD)
    if not is_slack_silent:
        other = OTHER_OF_LEAD if reader.is_lead else OTHER_IN_SLACK
        return words(IN_SLACK.get(kind, other))
    for_others, for_lead = WITHOUT_SLACK.get(kind, (WAITS, WAITS))
    sentence = for_lead if reader.is_lead else for_others
    return "\n".join([words(sentence), *([command] if command else [])])


def write_command(context: MessageContext, person: str, words: Words) -> str:
    """Return the command of the next step of the case that a page is about; empty for what is no case.

    ``person`` is a member of the rota, and empty where it is not known who reads it.
    """
    name = context.subject_name
    if not isinstance(name, EscalationName | ReviewName):
        return ""
    case = context.render_context.queries.escalation(name.number)
    if case is None:
        return ""
    if isinstance(name, ReviewName):
        return terminal_commands.write_move(terminal_commands.APPROVE, case.name, person, words)
    deadline = find_deadline_of(case, context)
    return terminal_commands.write_next(case, deadline.step if deadline else None, person, words)
