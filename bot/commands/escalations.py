"""``escalations list | export``: looks at the record beside the running bot, and never changes it."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bot.commands.output import ExportFormat
from bot.commands.session import CommandError, Session, why
from bot.config import Requirement
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.export import Histories, csv_lines, json_lines


def list_(session: Session, everything: bool) -> None:
    """Print the open escalations, or all of them."""
    words, zone = session.words, session.config(Requirement.DATABASE).timezone
    table = _list_table(words)
    with session.store() as store:
        queries = EscalationQueries(store)
        name_of = cache(queries.name_of)
        for e in queries.all_escalations(ended=everything):
            table.add_row(*_list_row(e, name_of(e.owner) if e.owner else "–", zone, words))
    if table.row_count:
        session.out.print(table)
    else:
        nothing = N_("There are no escalations yet.") if everything else N_("No escalations are open.")
        session.out.print(Text(words(nothing)))


def export(session: Session, form: ExportFormat, output: Path | None) -> None:
    """Write all escalations to a file, or to standard output."""
    with session.store() as store:
        queries = EscalationQueries(store)
        name_of = cache(queries.name_of)
        lines = csv_lines if form is ExportFormat.CSV else json_lines
        if output is None:
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # a real stream here
            sys.stdout.writelines(lines(queries.all_with_history(), name_of))
            return
        with _whole(output, session.words) as target:
            target.writelines(lines(_watched(queries, session), name_of))
        says = session.words(N_("Escalations written to {file}: {count}"), file=output, count=queries.count_all())
        session.err.print(Text(says), soft_wrap=True)


def _list_table(words: Words) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    status = f"{words(labels.FIELD['status'])} · {words(labels.FIELD['owner'])}"
    table.add_column(words(N_("No.")), width=8, overflow="fold")
    table.add_column(words(N_("Sev.")), width=4)
    table.add_column(status, width=14, overflow="fold")
    table.add_column(words(labels.FIELD["customer_name"]), ratio=1, overflow="fold")
    table.add_column(words(labels.FIELD["title"]), ratio=1, overflow="fold")
    table.add_column(words(N_("Raised")), width=10)
    return table


def _list_row(e: Escalation, owner: str, zone: ZoneInfo, words: Words) -> Iterator[Text]:
    status = f"{words(labels.STATUS[e.status])}\n{owner}"
    about = e.customer_name or words(labels.KIND[e.kind])
    cells = (e.name, str(e.severity), status, about, e.title, _when(e.raised_at, zone)[:10])
    return map(Text, cells)


def _when(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _watched(queries: EscalationQueries, session: Session) -> Histories:
    """All histories, with a bar on stderr that tells how many are written."""
    with Progress(console=session.err, transient=True, disable=not session.err.is_terminal) as bars:
        total, description = queries.count_all(), session.words(N_("Exporting"))
        yield from bars.track(queries.all_with_history(), total=total, description=description)


@contextmanager
def _whole(output: Path, words: Words) -> Iterator[TextIO]:
    """Open a file beside the wanted one that takes its place when it is complete; only its owner may read it."""
    place = output.resolve()
    try:
        if place.exists() and not place.is_file():
            raise FileExistsError(0, words(N_("it is not a file")))
        handle, draft = tempfile.mkstemp(prefix=f".{place.name[:80]}.", dir=place.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as target:
                yield target
                target.flush()
                os.fsync(target.fileno())
            os.replace(draft, place)
        except BaseException:  # also Ctrl-C: nothing half-written stays behind
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        says = words(N_("{file} can't be written: {why}"), file=output, why=why(error, words))
        raise CommandError(says, code=2) from None
