"""``doctor``: shows what is found about the settings, Slack and the database."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import typer
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text
from slack_sdk.errors import SlackApiError, SlackClientError

from bot import environment
from bot.block_checks import BlockChecks
from bot.clock import Clock
from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import as_json
from bot.commands.session import CommandError, Session
from bot.commands.text_table import TextTable
from bot.config import Config, Requirement
from bot.database_checks import Finding
from bot.doctor import Doctor
from bot.http_client.transport import Transport
from bot.late_module import LateModule
from bot.slack.client import SlackClient, error_of
from handlers.i18n.slack_answers import find_error
from handlers.i18n.words import N_

if TYPE_CHECKING:
    from bot.samples import stories
else:
    stories = LateModule("bot.samples.stories")

_MARKS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("·", "dim")}


TIMEOUT = 15
"""Seconds for a request to Slack."""
COLUMNS = ("check", "fine", "says", "hint")
"""What programs read of each finding: a contract. ``fine`` is empty for what could not or need not be checked."""


def doctor(session: Session, health: str | None, hints: bool, form: ShowFormat) -> None:
    """Print each finding. Exits with 1 where something is wrong."""
    read, problems = environment.survey(Requirement.DATABASE | Requirement.SLACK, session.env_file)
    session.follow(read)
    running = f"http://{health}" if health else ""
    all_findings = Doctor(read, session.words, Clock(read.clock_offset_file), running, problems).findings()
    checks = (replace(finding, hint=_with_options(finding.hint, session)) for finding in all_findings)
    if form is ShowFormat.JSON:
        findings = list(checks)
        print_out(as_json(COLUMNS, ((f.what, f.fine, f.says, f.hint or None) for f in findings)))
    else:
        findings = list(_show(session, checks))
        if hints:
            _show_hints(session, findings)
    if any(finding.fine is False for finding in findings):
        raise typer.Exit(1)


def blocks(session: Session, form: ShowFormat) -> None:
    """Ask Slack about each drawn sample. Exits with 1 where one is refused. Raises CommandError with code 2."""
    read, words = session.config(Requirement.DATABASE | Requirement.SLACK), session.words
    assert read.access is not None  # noqa: S101 - required above
    transport = Transport(Clock(), read.access.api_url)
    client = SlackClient(read.access.bot_token.reveal(), read.access.api_url, transport, TIMEOUT)
    try:
        findings = list(_check_samples(session, read, client, form))
    except SlackClientError as error:
        why = error_of(error) if isinstance(error, SlackApiError) else str(error)
        error_words, says = find_error(why), words(N_("Slack could not be asked ({why})."), why=why)
        advice = (words(error_words.fact), words(error_words.step)) if error_words and error_words.step else ()
        raise CommandError(words.join_sentences((says, *advice)), code=2) from None
    refused = sum(finding.fine is False for finding in findings)
    if form is ShowFormat.JSON:
        print_out(as_json(COLUMNS, ((f.what, f.fine, f.says, f.hint or None) for f in findings)))
    else:
        says = words(N_("{n} samples, {refused} refused."), n=len(findings), refused=refused)
        session.out.print_lines(says)
    if refused:
        raise typer.Exit(1)


def _check_samples(session: Session, read: Config, client: SlackClient, form: ShowFormat) -> Iterator[Finding]:
    """Draw all samples and ask about each; on a terminal it shows how far that is."""
    words, is_shown = session.words, form is not ShowFormat.JSON
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    is_watched = is_shown and session.out.is_terminal
    with Progress(*columns, console=session.out, transient=True, disable=not is_watched) as bars:
        drawing = bars.add_task(words(N_("Drawing the samples")), total=stories.STEPS)
        asking = bars.add_task(words(N_("Asking Slack")), total=None)
        samples = stories.draw_all(read.pages, words, lambda played: bars.update(drawing, completed=played))
        for finding in BlockChecks(client, words).findings(samples):
            bars.advance(asking)
            if is_shown:
                mark, style = _MARKS[finding.fine]
                line = Text.assemble((mark, style), f" {finding.what}{words.colon}{finding.says}")
                session.out.print(line, soft_wrap=True)
            yield finding


def _show(session: Session, checks: Iterable[Finding]) -> Iterator[Finding]:
    """Print findings as they come, and yield them."""
    table = TextTable()
    with Live(table, console=session.out, auto_refresh=False) as live:
        for finding in checks:
            mark, style = _MARKS[finding.fine]
            table.add_row(Text(mark, style), finding.what, finding.says)
            live.refresh()
            yield finding
    if not session.out.is_terminal:
        session.out.print()  # a live table ends its last line only on a terminal


def _with_options(command: str, session: Session) -> str:
    """Return a command with the options of this run, so that it reads the same settings."""
    if not command or session.env_file is None:
        return command
    program, _, rest = command.partition(" ")
    return f"{program} --env-file {shlex.quote(str(session.env_file))} {rest}"


def _show_hints(session: Session, findings: Iterable[Finding]) -> None:
    """Print the commands that correct what is wrong, each on a line of its own."""
    commands = dict.fromkeys(finding.hint for finding in findings if finding.fine is False and finding.hint)
    heading = (
        N_("To correct it:") if commands else N_("No command corrects what is wrong; the findings say what to do.")
    )
    if all(finding.fine is not False for finding in findings):
        heading = N_("Nothing has to be corrected.")
    session.out.print_lines(session.words(heading))
    for command in commands:
        session.out.print(Text(f"  {command}"), soft_wrap=True)
