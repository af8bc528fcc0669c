"""What is told of wrong words on the command line, in the operator's language, with what can be typed instead.

The library that parses the command line speaks English only, and each of its versions in words of its own.
"""

import re
from typing import Any

import typer

from handlers.i18n.words import N_, Words

USAGE_ERROR = typer.BadParameter.__mro__[1]
"""The library's error for wrong words on the command line; it has no public name."""

ERRORS = {
    r"Missing option '?(?P<what>[^']+)'?\.": N_("{what} is missing."),
    r"Missing argument '?(?P<what>[^']+)'?\.": N_("{what} is missing."),
    r"Missing command\.": N_("A command is missing."),
    r"No such option:? '?(?P<what>[^\s']+).*?\(?(?:Possible options:|Did you mean) (?P<near>[^?)]+)[?)]*": N_(
        "There is no option {what}. Did you mean {near}?"
    ),
    r"No such option:? '?(?P<what>[^\s'.]+)'?\.?": N_("There is no option {what}."),
    r"No such command '(?P<what>.+?)'\. .*?(?:Did you mean|one of:?) (?P<near>[^?]+)\?": N_(
        "There is no command “{what}”. Did you mean {near}?"
    ),
    r"No such command '(?P<what>.+?)'\.": N_("There is no command “{what}”."),
    r"Got unexpected extra arguments?(?:\(s\))? \((?P<what>.+)\)": N_("Nothing may follow here: {what}"),
    r"Option '?(?P<what>[^']+)'? requires an argument\.?": N_("{what} needs a value."),
    r"Invalid value for '?(?P<what>[^:']+)'?: (?:Value error, )?'(?P<value>.*?)' is not one of (?P<near>.+?)\.?": N_(
        "{what} cannot be {value}. Choose one of: {near}."
    ),
    r"Invalid value for '?(?P<what>[^:']+)'?: .*(?:valid integer|valid int\b).*": N_("{what} must be a whole number."),
    r"Invalid value for '?(?P<what>[^:']+)'?: .*(?:valid number|valid float).*": N_("{what} must be a number."),
    r"Invalid value for '?(?P<what>[^:']+)'?: .* is not in the range (?P<near>\S+?)\.?": N_(
        "{what} must be within {near}."
    ),
    r"Invalid value for '?(?P<what>[^:']+)'?: .*greater than or equal to\s*(?P<near>[\d.]+).*": N_(
        "{what} must be {near} or more."
    ),
    r"Invalid value for '?(?P<what>[^:']+)'?: .*less than or equal to\s*(?P<near>[\d.]+).*": N_(
        "{what} must be {near} or less."
    ),
    r"Invalid value for '?(?P<what>[^:']+)'?: (?:Value error, )?(?P<value>.+)": N_("{what}: {value}"),
}
"""What the library says of wrong words, and what a person is told. The first that fits counts."""
_SPACE_IN_CHINESE = re.compile("(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")  # beside the name of an argument
STOPPED = N_("Stopped.")
HINT = N_("{command} --help tells what can be typed.")


def tell_usage_error(error: Exception, words: Words) -> int | None:
    """Tell what is wrong with the words on the command line; the exit code, or None for any other error."""
    if isinstance(error, typer.Abort):
        typer.echo(words(STOPPED), err=True)
        return 1
    if not isinstance(error, USAGE_ERROR):
        return None
    for line in _describe(error, words):
        typer.echo(line, err=True)
    return 2


def _describe(error: Any, words: Words) -> list[str]:
    """Return the lines that tell it: what is wrong, and what can be typed."""
    says = error.format_message()
    if error.ctx is None:
        return [reword(says, words)]
    if says == error.ctx.get_help():  # a group of commands without a command
        return [says]
    return [reword(says, words), error.ctx.get_usage(), words(HINT, command=error.ctx.command_path)]


def reword(says: str, words: Words) -> str:
    """Return what a version of the library says in our words; as it is where none fit."""
    for pattern, sentence in ERRORS.items():
        if match := re.fullmatch(pattern, says, re.DOTALL):
            named = {name: value.replace("'", "") for name, value in match.groupdict().items()}
            reworded = words(sentence, **{name: words.join_items(value.split(", ")) for name, value in named.items()})
            return _SPACE_IN_CHINESE.sub("", reworded)
    return says
