"""What the button of a link is called: on its page, and in the message that brings the link."""

from datetime import datetime

from handlers import ids
from handlers.blocks.shift_buttons import START_WITHIN
from handlers.i18n.words import N_, Words
from models.rules.reach.link import LinkAction, WantedLink

LABELS = {
    LinkAction.ACKNOWLEDGE: N_("Acknowledge {name}"),
    LinkAction.CONFIRM: N_("I'm on call"),
    LinkAction.STEP_IN: N_("Take over this shift"),
    LinkAction.TAKE_GAP: N_("Take the gap"),
    LinkAction.HAND_OVER: N_("I hand over"),
    LinkAction.TAKE_OVER: N_("I take over"),
}


def name_button(wanted: WantedLink, now: datetime, words: Words) -> str:
    """Return what the button does; a shift is confirmed more than an hour ahead of it, as in Slack."""
    is_confirmation = wanted.action is LinkAction.CONFIRM
    if is_confirmation and ids.shift_of(wanted.value).start - now > START_WITHIN:
        return words("Confirm this shift")
    name = f"CSP-{wanted.value}" if wanted.action is LinkAction.ACKNOWLEDGE else ""
    return words(LABELS[wanted.action], name=name)
