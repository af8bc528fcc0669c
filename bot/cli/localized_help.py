"""Help and usage errors of the command line, in the operator's language.

Commands carry their help in English; the catalogue holds each paragraph of it in Chinese. The library that parses the
command line speaks English only, and breaks lines between words only, which Chinese text does not have.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import typer

from handlers.i18n.words import N_, Words

Command = Any
"""A command of Typer, whose class has no public name."""

LABELS = {
    "Options": N_("Options"), "Arguments": N_("Arguments"), "Commands": N_("Commands"),
    "[OPTIONS]": N_("[OPTIONS]"), "COMMAND [ARGS]...": N_("COMMAND [ARGS]..."),
    "Show this message and exit.": N_("Show this message and exit."),
}  # fmt: skip
"""The library's own words in a help text."""
USAGE = N_("Usage:")
REQUIRED, DEFAULT = N_("required"), N_("default:")
_REMARK = re.compile(r"\[[^\[\]]*\]$")
"""What the library adds to the help of an option: “[default: 8400]”, “[x>=1; required]”."""
_UNBREAKABLE = re.compile(r"\s+|[（“]?(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)[，。；：、）”]*")
"""What stays on one line: a Chinese character or a Latin word, with the sign that closes it."""
_NARROWEST = 10  # cells
USAGE_ERROR = typer.BadParameter.__mro__[1]
"""The library's error for wrong words on the command line; it has no public name."""

ERRORS = {
    r"Missing option '?(?P<what>[^']+)'?\.": N_("{what} is missing."),
    r"Missing argument '?(?P<what>[^']+)'?\.": N_("{what} is missing."),
    r"Missing command\.": N_("A command is missing."),
    r"No such option: (?P<what>\S+).*?\(?(?:Possible options:|Did you mean) (?P<near>[^?)]+)[?)]*": N_(
        "There is no option {what}. Did you mean {near}?"
    ),
    r"No such option: (?P<what>\S+)": N_("There is no option {what}."),
    r"No such command '(?P<what>.+?)'\. .*?(?:Did you mean|one of:?) (?P<near>[^?]+)\?": N_(
        "There is no command {what}. Did you mean {near}?"
    ),
    r"No such command '(?P<what>.+?)'\.": N_("There is no command {what}."),
    r"Got unexpected extra arguments?(?:\(s\))? \((?P<what>.+)\)": N_("This is too much: {what}"),
    r"Option '?(?P<what>[^']+)'? requires an argument\.?": N_("{what} needs a value."),
    r"Invalid value for '?(?P<what>[^:']+)'?: (?:Value error, )?'(?P<value>.*?)' is not one of (?P<near>.+?)\.?": N_(
        "{what} cannot be {value}. Choose one of: {near}."
    ),
    r"Invalid value for '?(?P<what>[^:']+)'?: .*(?:valid integer|valid int\b).*": N_("{what} must be a whole number."),
    r"Invalid value for '?(?P<what>[^:']+)'?: .*(?:valid number|valid float).*": N_("{what} must be a number."),
    r"Invalid value for '?(?P<what>[^:']+)'?: .*(?:greater than or equal to|x>=)\s*(?P<near>[\d.]+).*": N_(
        "{what} must be {near} or more."
    ),
    r"Invalid value for '?(?P<what>[^:']+)'?: .*(?:less than or equal to|x<=)\s*(?P<near>[\d.]+).*": N_(
        "{what} must be {near} or less."
    ),
    r"Invalid value for '?(?P<what>[^:']+)'?: (?:Value error, )?(?P<value>.+)": N_("{what}: {value}"),
}
"""What the library says of wrong words, and what a person is told. The first that fits counts."""
ABORTED = N_("Nothing was done.")
HINT = N_("{command} --help tells what can be typed.")


def localize(command: Command, words: Words) -> None:
    """Put a command and all below it into the operator's language. English stays as it is written."""
    if not words.is_chinese:
        return
    command.help = _translate(command.help, words)
    command.short_help = command.help.partition("\n")[0].removesuffix("。")
    command.options_metavar = words(LABELS[command.options_metavar])
    base: Any = command.context_class
    names = {"formatter_class": _make_formatter(base.formatter_class, words)}
    command.context_class = type(base.__name__, (base,), names)
    for parameter in command.params:
        parameter.help = _translate(parameter.help, words)
    for inner in getattr(command, "commands", {}).values():
        command.subcommand_metavar = words(LABELS["COMMAND [ARGS]..."])
        localize(inner, words)


def tell_usage_error(error: Exception, words: Words) -> int | None:
    """Tell what is wrong with the words on the command line; the exit code, or None for any other error."""
    if isinstance(error, typer.Abort):
        typer.echo(words(ABORTED), err=True)
        return 1
    if not isinstance(error, USAGE_ERROR):
        return None
    for line in _describe(error, words):
        typer.echo(line, err=True)
    return 2


def _describe(error: Any, words: Words) -> list[str]:
    """Return the lines that tell it: what is wrong, and what can be typed."""
    says = error.format_message()
    if error.ctx and says == error.ctx.get_help():  # a group of commands without a command
        return [says]
    match, sentence = next((match, sentence) for pattern, sentence in _PATTERNS if (match := pattern.fullmatch(says)))
    values = {name: value.replace("'", "") for name, value in match.groupdict().items()}
    lines = [words(sentence, **values) if sentence else says]
    if error.ctx:
        lines += [error.ctx.get_usage(), words(HINT, command=error.ctx.command_path)]
    return lines


_PATTERNS = [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in ERRORS.items()] + [
    (re.compile(".*", re.DOTALL), "")
]


def paragraphs_of(text: str | None) -> Iterator[str]:
    """Yield the paragraphs of a help text as the catalogue has them: each on one line."""
    for paragraph in (text or "").split("\n\n"):
        if joined := " ".join(paragraph.split()):
            yield joined


def _translate(text: str | None, words: Words) -> str:
    return "\n\n".join(words(paragraph) for paragraph in paragraphs_of(text))


def _make_formatter(base: Any, words: Words) -> Any:
    """Return a class that writes a help text in Chinese, as the library's class does in English."""

    class ChineseFormatter(base):  # type: ignore[misc]  # the library's class has no public name
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ARG002
            super().write_usage(prog, args, words(USAGE))

        def write_heading(self, heading: str) -> None:
            self.write(f"{' ' * self.current_indent}{words(LABELS[heading])}：\n")

        def write_text(self, text: str) -> None:
            indent = " " * self.current_indent
            for paragraph in paragraphs_of(text):
                lines = wrap(paragraph, self.width - self.current_indent)
                self.write("".join(f"{indent}{line}\n" for line in lines) + "\n")
            self.buffer[-1] = self.buffer[-1].removesuffix("\n")

        def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
            indent = " " * self.current_indent
            first_width = min(max(_measure(name) for name, _ in rows), col_max) + col_spacing
            rest = max(self.width - first_width - self.current_indent, _NARROWEST)
            for name, text in rows:
                begin = f"{name}{' ' * (first_width - _measure(name))}"
                if _measure(name) > first_width - col_spacing:
                    self.write(f"{indent}{name}\n")
                    begin = " " * first_width
                lines = [*wrap(_translate_remark(text, words), rest)] or [""]
                self.write(f"{indent}{begin}{lines[0]}".rstrip() + "\n")
                self.write("".join(f"{indent}{' ' * first_width}{line}\n" for line in lines[1:]))

    return ChineseFormatter


def _translate_remark(text: str, words: Words) -> str:
    if text in LABELS:
        return words(LABELS[text])
    return _REMARK.sub(lambda remark: _translate_words(remark[0], words), text)


def _translate_words(remark: str, words: Words) -> str:
    return remark.replace(REQUIRED, words(REQUIRED)).replace(f"{DEFAULT} ", words(DEFAULT))


def _measure(text: str) -> int:
    """Return how many cells of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, each at most ``width`` cells wide where its words allow it."""
    line = ""
    for part in _UNBREAKABLE.findall(text):
        if line and _measure(line + part) > width:
            yield line.rstrip()
            line = ""
        line += part if line else part.lstrip()
    if line.strip():
        yield line.rstrip()


def list_texts(command: Command) -> Iterable[str]:
    """Yield every paragraph of help of a command and all below it, as the catalogue must have it."""
    yield from paragraphs_of(command.help)
    for parameter in command.params:
        yield from paragraphs_of(parameter.help)
    for inner in getattr(command, "commands", {}).values():
        yield from list_texts(inner)
