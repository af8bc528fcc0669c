"""The help of the command line, in the operator's language.

Commands carry their help in English; the catalogue holds each paragraph of it in Chinese. The library that parses the
command line speaks English only, and breaks lines between words only, which Chinese text does not have. It names the
types that values have in Python. Each version of it writes arguments and limits in its own way; here there is one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.wrapped_lines import measure, wrap
from handlers.i18n.words import N_, Words

Command = Any
"""A command of Typer, whose class has no public name."""

LABELS = {
    "Options": N_("Options"), "Arguments": N_("Arguments"), "Commands": N_("Commands"),
    "[OPTIONS]": N_("[OPTIONS]"), "COMMAND [ARGS]...": N_("COMMAND [ARGS]..."),
    "Show this message and exit.": N_("Show this message and exit."),
}  # fmt: skip
"""The library's own words in a help text."""
VALUES = {
    "CHANNEL": N_("CHANNEL"), "COMMAND": N_("COMMAND"), "CUSTOMER": N_("CUSTOMER"), "DATE": N_("DATE"),
    "DAYS": N_("DAYS"), "FILE": N_("FILE"), "HOURS": N_("HOURS"), "LINK": N_("LINK"), "NAME": N_("NAME"),
    "PORT": N_("PORT"), "REASON": N_("REASON"), "SEAT": N_("SEAT"), "STATE": N_("STATE"),
    "STATUS": N_("STATUS"), "TEXT": N_("TEXT"), "TIME": N_("TIME"), "WHAT": N_("WHAT"), "ZONE": N_("ZONE"),
}  # fmt: skip
"""What the commands call the values of their options and arguments."""
USAGE = N_("Usage:")
REQUIRED, DEFAULT = N_("required"), N_("default:")
WITHIN, AT_LEAST = N_("{least} to {most}"), N_("{least} or more")
_LIMITS = re.compile(r"(?:(?P<least>[\d.]+)<=)?x(?:<=(?P<most>[\d.]+)|>=(?P<only>[\d.]+))")
"""How the library writes the limits of a number: “1<=x<=50”, “x>=1”."""
_REMARK = re.compile(r"\\?\[[^\[\]]*\]$")
"""What the library adds to the help of an option: “[default: 8400]”, in older versions after a backslash."""
_NARROWEST = 10  # cells


def localize(command: Command, words: Words) -> None:
    """Put a command and all below it into the operator's language."""
    command.help = _translate(command.help, words)
    command.short_help = command.help.partition("\n")[0].removesuffix("。").removesuffix(".")
    command.options_metavar = _label(command.options_metavar, words)
    base: Any = command.context_class
    names = {"formatter_class": _make_formatter(base.formatter_class, words)}
    command.context_class = type(base.__name__, (base,), names)
    for parameter in command.params:
        parameter.help = _translate(parameter.help, words)
        parameter.metavar = words(VALUES[parameter.metavar]) if parameter.metavar in VALUES else parameter.metavar
        if parameter.param_type_name == "argument":
            _show_argument(parameter)
    if hasattr(command, "commands"):
        command.subcommand_metavar = _label(command.subcommand_metavar, words)
    for inner in getattr(command, "commands", {}).values():
        localize(inner, words)


def _show_argument(argument: Any) -> None:
    """Write an argument as FILE, NAME... or [NAME], and without the Python type of its value."""
    name = argument.metavar + "..." * (argument.nargs != 1)
    describe = argument.get_help_record
    argument.get_usage_pieces = lambda _: [name if argument.required else f"[{name}]"]
    argument.get_help_record = lambda context: (name, describe(context)[1])


def paragraphs_of(text: str | None) -> Iterator[str]:
    """Yield the paragraphs of a help text as the catalogue has them: each on one line."""
    for paragraph in (text or "").split("\n\n"):
        if joined := " ".join(paragraph.split()):
            yield joined


def _label(text: str, words: Words) -> str:
    """Return a word of the library; one that another version brings stays English."""
    return words(LABELS[text]) if text in LABELS else text


def _translate(text: str | None, words: Words) -> str:
    return "\n\n".join(words(paragraph) for paragraph in paragraphs_of(text))


def _make_formatter(base: Any, words: Words) -> Any:
    """Return a class that writes a help text in the operator's language, as the library's class does in English."""

    class LocalizedFormatter(base):  # type: ignore[misc]  # the library's class has no public name
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ARG002
            super().write_usage(prog, args, words(USAGE) + " " * (not words.is_chinese))

        def write_heading(self, heading: str) -> None:
            self.write(f"{' ' * self.current_indent}{_label(heading, words)}{words.colon.strip()}\n")

        def write_text(self, text: str) -> None:
            indent = " " * self.current_indent
            for paragraph in paragraphs_of(text):
                lines = wrap(paragraph, self.width - self.current_indent)
                self.write("".join(f"{indent}{line}\n" for line in lines) + "\n")
            self.buffer[-1] = self.buffer[-1].removesuffix("\n")

        def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
            indent = " " * self.current_indent
            first_width = min(max(measure(name) for name, _ in rows), col_max) + col_spacing
            rest = max(self.width - first_width - self.current_indent, _NARROWEST)
            for name, text in rows:
                begin = f"{name}{' ' * (first_width - measure(name))}"
                if measure(name) > first_width - col_spacing:
                    self.write(f"{indent}{name}\n")
                    begin = " " * first_width
                lines = [*wrap(_translate_remark(text, words), rest)] or [""]
                self.write(f"{indent}{begin}{lines[0]}".rstrip() + "\n")
                self.write("".join(f"{indent}{' ' * first_width}{line}\n" for line in lines[1:]))

    return LocalizedFormatter


def _translate_remark(text: str, words: Words) -> str:
    return (
        _label(text, words) if text in LABELS else _REMARK.sub(lambda remark: _translate_words(remark[0], words), text)
    )


def _translate_words(remark: str, words: Words) -> str:
    remark = remark.removeprefix("\\").replace(REQUIRED, words(REQUIRED)).replace(DEFAULT, words(DEFAULT))
    if words.is_chinese:
        remark = remark.replace("： ", "：").replace("; ", "；")
    return _LIMITS.sub(lambda limits: _describe_limits(limits, words), remark)


def _describe_limits(limits: re.Match[str], words: Words) -> str:
    if limits["most"]:
        return words(WITHIN, least=limits["least"] or 0, most=limits["most"])
    return words(AT_LEAST, least=limits["only"])


def list_texts(command: Command) -> Iterable[str]:
    """Yield every paragraph of help of a command and all below it, as the catalogue must have it."""
    yield from paragraphs_of(command.help)
    for parameter in command.params:
        yield from paragraphs_of(parameter.help)
    for inner in getattr(command, "commands", {}).values():
        yield from list_texts(inner)
