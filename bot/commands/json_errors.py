"""What went wrong, for a program that asked for JSON: on standard output, beside the sentences for people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.commands.output import ShowFormat, print_json
from bot.commands.session import CommandError, Session, describe
from bot.config import InvalidConfig
from handlers.i18n.words import Words
from models.rules.errors import NotSaved, Refused

SETTINGS, NOT_SAVED, INPUT = "settings", "not_saved", "input"
"""Reasons that no rule gives: what is set, the database, and what was typed. Contracts, as those of the rules."""


@contextmanager
def reporting_errors(session: Session, form: ShowFormat) -> Iterator[None]:
    """Print what went wrong as JSON where JSON was asked for; the sentences and the exit code stay the same."""
    try:
        yield
    except (CommandError, InvalidConfig) as error:
        if form is ShowFormat.JSON:
            print_json({"errors": _list_errors(error, session)})
        raise


def _list_errors(error: CommandError | InvalidConfig, session: Session) -> list[dict[str, str]]:
    lines, _ = describe(error, session.words) or ([str(error)], 2)
    cause = error.__cause__
    if isinstance(cause, Refused):
        said = zip(cause.refusals, lines[0].split("\n"), strict=False)
        return [{"reason": refusal.reason, "field": refusal.field or "", "says": says} for refusal, says in said]
    reason = SETTINGS if isinstance(error, InvalidConfig) else NOT_SAVED if isinstance(cause, NotSaved) else INPUT
    is_settings = isinstance(error, InvalidConfig)
    each = [line.strip() for line in lines] if is_settings else _join_hints(lines[0].split("\n"), session.words)
    return [{"reason": reason, "field": "", "says": says} for says in each]


def _join_hints(lines: Sequence[str], words: Words) -> list[str]:
    """Return one line for each error: a line that is indented is the hint of the one above."""
    joined = list[str]()
    for line in lines:
        if line.startswith(" ") and joined:
            joined[-1] = words.join_sentences([joined[-1], line.strip()])
        else:
            joined.append(line)
    return joined
