"""``escalations list | show | export``: looks at the record beside the running bot, and never changes it."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, TextIO
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bot.commands.session import Session, Trouble
from bot.config import Need
from handlers.blocks import filing, timeline
from handlers.words import N_, Words, terms
from models import policy
from models.board import Board
from models.escalation import Entry, Escalation, Move
from models.export import Histories, csv_lines, json_lines

_NAME = re.compile(r"(?:csp-?)?0*([1-9][0-9]{0,8})", re.IGNORECASE)

app = typer.Typer(
    help="The record of escalations; reads only. / 呈报记录，只读。", no_args_is_help=True, rich_markup_mode=None
)


class Format(StrEnum):
    """What an export is written in."""

    CSV = "csv"
    JSON = "json"


@app.command("list")
def list_(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Closed and withdrawn ones too. / 也列出已关闭和已撤回的。")
    ] = False,
) -> None:
    """List the escalations that are open. / 列出未结的呈报。"""
    session: Session = context.obj
    words, zone = session.words, session.config(Need.DATABASE).timezone
    heads = ("No.", "Severity", "Status", "Customer", "Title", "Owner", "Raised")
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    for head, (width, ratio) in zip(heads, _WIDTHS, strict=True):
        table.add_column(words(head), width=width, ratio=ratio, overflow="fold")
    with session.store() as store:
        board = Board(store)
        name_of = cache(board.name_of)
        for e in board.every_escalation(ended=everything):
            about = e.customer_name or words(terms.KIND[e.kind])
            owner = name_of(e.owner) if e.owner else "–"
            cells = (e.name, e.severity, words(terms.STATUS[e.status]), about, e.title, owner, _when(e.raised_at, zone))
            table.add_row(*(Text(str(cell)) for cell in cells))
    if table.row_count:
        session.out.print(table)
    else:
        nothing = N_("There are no escalations yet.") if everything else N_("Nothing is open.")
        session.out.print(Text(words(nothing)))
