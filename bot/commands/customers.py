"""``customers import``: reads a customer list, shows how far it is, and tells what became of each line."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot.commands.rota_input import now_of
from bot.commands.session import CommandError, Session, why
from bot.config import Requirement
from handlers.i18n.words import N_, Words
from models.customers.importer import import_customers
from models.rules.customers.csv_columns import CsvSheet, RefusedLine, read_sheet
from models.rules.customers.file_encoding import SIZE_LIMIT
from models.rules.customers.matching import ImportPlan
from models.rules.errors import Refusal, Refused

MOST_TOLD = 50
"""Refused lines that are told one by one; the others are counted."""
REASONS = {
    "file_too_big": N_("The file is bigger than {limit} MB. Split it."),
    "file_is_workbook": N_("This is a workbook. In Excel choose Save As, “CSV UTF-8”, and import that file."),
    "file_empty": N_("The file lists no customers."),
    "file_not_text": N_("This is not text in UTF-8, UTF-16 or GB18030. Save the list as “CSV UTF-8”."),
    "file_no_name_column": N_(
        "There is no column of customer names. Give it the heading “Company name” or “公司名称”; or write only one "
        "name per line."
    ),
    "line_quotes": N_("its quotation marks don't match"),
    "line_columns": N_("more columns than the heading; a name with a comma needs quotation marks"),
    "line_unreadable": N_("has characters that can't be read"),
    "line_control": N_("has control characters"),
    "line_no_name": N_("has no customer name"),
    "line_not_a_name": N_("doesn't look like a name, and the file has no headings"),
    "line_too_long": N_("has a text of more than {limit} characters"),
    "line_tenant_id": N_("“{found}” is not a tenant ID such as 1b671a64-40d5-491e-99b0-da01ff1f3341"),
    "line_domain": N_("“{found}” is not a domain such as contoso.partner.onmschina.cn"),
    "line_agreement": N_("“{found}” is no agreement: OSPA, indirect OSPA, 21VCA, standard or unknown"),
    "line_answer": N_("“{found}” is neither yes nor no"),
    "line_phone": N_("“{found}” is not a phone number"),
    "line_email": N_("“{found}” is not an e-mail address such as li@contoso.cn"),
    "line_informed_on": N_("“{found}” is not a day such as 2026-01-05"),
    "line_channel": N_("“{found}” is not a way to inform: use phone, e-mail, WeCom or in person"),
    "line_informed_later": N_("says that the customer was informed on a day that is still to come: {found}"),
    "line_contradicts": N_("contradicts line {line}, which is the same customer"),
    "line_ambiguous": N_("several customers have this name; add the tenant ID"),
}
FIELDS = {
    "name": N_("name"),
    "tenant_id": N_("tenant ID"),
    "domain": N_("domain"),
    "relationship": N_("relationship"),
    "services": N_("services"),
    "agreement": N_("agreement"),
    "delegated": N_("delegated privileges"),
    "entitled_to_a": N_("entitled to severity A"),
    "language": N_("language"),
    "contact_name": N_("contact"),
    "contact_phone": N_("contact's phone"),
    "contact_email": N_("contact's e-mail"),
    "contact_wecom": N_("contact's WeCom"),
    "contact_hours": N_("contact's hours"),
    "informed_on": N_("statement sent"),
    "informed_through": N_("statement's channel"),
}


def import_(session: Session, file: Path, check: bool = False) -> None:
    """Say how a file is understood, then update the customer list from it; ``check`` saves nothing.

    Exits with 1 where a line was refused.
    """
    words, zone = session.words, session.config(Requirement.DATABASE).timezone
    today = now_of(session).astimezone(zone).date().isoformat()
    with _progress(session) as bars:
        reading = bars.add_task(words(N_("Reading")), total=None)
        sheet = _sheet(file, words, lambda done, all_: bars.update(reading, completed=done, total=all_), today)
    session.out.print_lines(*_understood(file, sheet, words))
    plan = None if check else _save(session, sheet)
    refused = sorted([*sheet.refused, *(plan.refused if plan else ())])
    session.out.print_lines(*_report(sheet, plan, refused, words))
    if refused:
        raise typer.Exit(1)


def _save(session: Session, sheet: CsvSheet) -> ImportPlan:
    """Update the customer list."""
    with session.store(begins=True) as store, _progress(session) as bars:
        now, zone = now_of(session), session.config(Requirement.DATABASE).timezone
        saving = bars.add_task(session.words(N_("Saving")), total=None)

        def show(done: int, of: int) -> None:
            bars.update(saving, completed=done, total=of)

        plan = import_customers(store, sheet.lines, now, show, zone)
        bars.update(saving, completed=1, total=1)
        return plan


def _progress(session: Session) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=session.err, transient=True, disable=not session.err.is_terminal)


def _sheet(file: Path, words: Words, progress: Callable[[int, int], None], today: str) -> CsvSheet:
    """Return the file as it is understood. Raises CommandError when it can't be used at all."""
    try:
        with file.open("rb") as source:
            return read_sheet(source.read(SIZE_LIMIT + 1), progress, today)
    except OSError as error:
        says = words(N_("{file} can't be read: {why}"), file=file, why=why(error, words))
    except Refused as refused:
        says = f"{file}{words.colon}{_sentence(refused.refusals[0], words)}"
    raise CommandError(says, code=2)


def _understood(file: Path, sheet: CsvSheet, words: Words) -> Iterator[str]:
    """Yield how the file was understood: which heading is which field."""
    if sheet.is_headed:
        columns = words.join_items(f"{words(FIELDS[field])} ← {heading}" for field, heading in sheet.columns.items())
        yield words(N_("{file} ({encoding}): {columns}"), file=file, encoding=sheet.encoding, columns=columns)
    else:
        names = N_("{file} ({encoding}): no headings; every line was taken as a name.")
        yield words(names, file=file, encoding=sheet.encoding)
    if sheet.ignored:
        yield words(N_("Columns not used: {columns}"), columns=words.join_items(sheet.ignored))


def _report(sheet: CsvSheet, plan: ImportPlan | None, refused: Sequence[RefusedLine], words: Words) -> Iterator[str]:
    """Yield the first refused lines with all their reasons, how many more there are, and the counts."""
    for number, refusals in refused[:MOST_TOLD]:
        reasons = words.join_clauses(_sentence(refusal, words) for refusal in refusals)
        yield words(N_("Line {line}: {reason}"), line=number, reason=reasons)
    if (more := len(refused) - MOST_TOLD) > 0:
        yield words.plural("{n} more line is refused.", "{n} more lines are refused.", more)
    if plan is None:
        checked = N_("Only checked, nothing saved: {good} lines can be taken, {refused} are refused.")
        yield words(checked, good=len(sheet.lines), refused=len(refused))
        return
    yield words(
        N_("{added} added, {changed} changed, {unchanged} unchanged, {refused} refused."),
        **plan.lines, refused=len(refused),
    )  # fmt: skip


def _sentence(refusal: Refusal, words: Words) -> str:
    sentence = words(REASONS[refusal.reason], **refusal.values)
    return f"{words(FIELDS[refusal.field])}{words.colon}{sentence}" if refusal.field else sentence
