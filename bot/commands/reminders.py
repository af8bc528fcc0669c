"""``reminders example``: prints a file of reminder times to begin with."""

from bot.commands.output import print_out
from bot.commands.session import Session
from models.rules.policy import reminders


def example(session: Session) -> None:
    """Print the packaged file, with the comments in the operator's language."""
    print_out(reminders.read_example("zh_CN" if session.words.is_chinese else ""))
