"""``escalations export``: writes the record, or a selection of it, for people and for programs; never changes it."""

import sys
from functools import cache
from pathlib import Path

from rich.progress import Progress

from bot.commands.output import prepare_output
from bot.commands.rota_input import now_of
from bot.commands.session import CommandError, Session
from bot.commands.whole_file import whole_file
from bot.config import Requirement
from handlers.i18n.case_filters import FilterContext, parse_selection
from handlers.i18n.errors import REFUSALS
from handlers.i18n.words import N_
from handlers.workbook import Reader, write_workbook
from models.escalations.queries import EscalationQueries
from models.rules.errors import Refused
from models.rules.escalations.export import Histories, csv_lines, json_lines
from models.rules.escalations.export_request import ExportFormat
from models.rules.escalations.selection import CaseSelection


def export(session: Session, form: ExportFormat, output: Path | None, filters: str) -> None:
    """Write the escalations of a filter, or all, to a file or to standard output."""
    config, words = session.config(Requirement.DATABASE), session.words
    if form is ExportFormat.XLSX and output is None:
        raise CommandError(words(N_("A workbook needs a file: --output FILE")), code=2)
    with session.store() as store:
        queries = EscalationQueries(store)
        name_of = cache(queries.name_of)
        total, histories = _select(queries, _selection(session, queries, filters))
        lines = csv_lines if form is ExportFormat.CSV else json_lines
        if output is None:
            prepare_output()
            sys.stdout.writelines(lines(histories, name_of))
            return
        with whole_file(output, words) as target:
            watched = _watched(histories, total, session)
            if form is ExportFormat.XLSX:
                write_workbook(target, watched, Reader(words, config.timezone, config.pages, name_of))
            else:
                target.writelines(line.encode() for line in lines(watched, name_of))
        says = words(N_("Escalations written to {file}: {count}"), file=output, count=total)
        session.err.print_lines(says)


def _selection(session: Session, queries: EscalationQueries, filters: str) -> CaseSelection:
    """Return what is wanted. Raises CommandError with what is allowed and the nearest."""
    config, words = session.config(Requirement.DATABASE), session.words
    today = now_of(session).astimezone(config.timezone).date()
    context = FilterContext(words, tuple(config.pages.services.values()), config.timezone, today, queries.names_of_team)
    try:
        return parse_selection(filters, context)
    except Refused as refused:
        reasons = [words(REFUSALS[refusal.reason], **refusal.values) for refusal in refused.refusals]
        raise CommandError("\n".join(reasons), code=2) from None


def _select(queries: EscalationQueries, wanted: CaseSelection) -> tuple[int, Histories]:
    """Return how many escalations are selected, and them with their histories."""
    if wanted.is_empty:
        return queries.count_all(), queries.all_with_history()
    numbers = queries.selected_numbers(wanted)
    return len(numbers), queries.with_history(numbers)


def _watched(histories: Histories, total: int, session: Session) -> Histories:
    """Yield the histories, with a bar on stderr that tells how many of the total are written."""
    with Progress(console=session.err, transient=True, disable=not session.err.is_terminal) as bars:
        yield from bars.track(histories, total=total, description=session.words(N_("Exporting")))
