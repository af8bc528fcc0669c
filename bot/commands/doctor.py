"""``doctor``: shows what is found about the settings, Slack and the database."""

import typer
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot.clock import Clock
from bot.commands.session import Session
from bot.config import Requirement
from bot.database_checks import Finding
from bot.doctor import Doctor

_MARKS = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("·", "dim")}


def doctor(session: Session, health: str | None) -> None:
    """Print each finding. Exits with 1 where something is wrong."""
    read = session.config(Requirement.DATABASE | Requirement.SLACK)
    table = Table.grid(padding=(0, 2))
    findings: list[Finding] = []
    running = f"http://{health}" if health else ""
    doctor_ = Doctor(read, session.words, Clock(read.clock_offset_file), running)
    with Live(table, console=session.out, auto_refresh=False) as live:
        for finding in doctor_.findings():
            findings.append(finding)
            mark, style = _MARKS[finding.fine]
            table.add_row(Text(mark, style), finding.what, Text(finding.says))
            live.refresh()
    if not session.out.is_terminal:
        session.out.print()  # a live table ends its last line only on a terminal
    if any(finding.fine is False for finding in findings):
        raise typer.Exit(1)
