"""``escalations list``: looks at the record beside the running bot, and never changes it."""

from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from bot.commands.member_names import find_names
from bot.commands.output import ShowFormat, print_out
from bot.commands.output_rows import Row, as_json, utc
from bot.commands.rota_input import now_of
from bot.commands.session import Session
from bot.commands.text_table import TextTable
from bot.config import Requirement
from handlers.blocks import case_row
from handlers.i18n import labels
from handlers.i18n.dates import numeric_moment
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import N_, Words
from models.escalations.queries import EscalationQueries
from models.rules.escalations.escalation import Escalation

COLUMNS = (
    "name",
    "severity",
    "status",
    "turn",
    "owner",
    "owner_name",
    "customer",
    "title",
    "raised_at",
    "severity_asked",
)
"""What programs read of each escalation: a contract."""


def list_(session: Session, everything: bool, form: ShowFormat = ShowFormat.TEXT) -> None:
    """Print the open escalations, or all of them."""
    words, zone = session.words, session.config(Requirement.DATABASE).timezone
    table = _list_table(words)
    with session.store() as store:
        queries = EscalationQueries(store)
        name_of = find_names(store, now_of(session))
        if form is ShowFormat.JSON:
            cases = queries.all_escalations(ended=everything)
            print_out(as_json(COLUMNS, (_facts(case, name_of) for case in cases)))
            return
        for e in queries.all_escalations(ended=everything):
            table.add_row(*_list_row(e, name_of(e.owner) if e.owner else "–", zone, words))
    if table.row_count:
        session.out.print(table)
    else:
        nothing = N_("There are no escalations yet.") if everything else N_("No escalations are open.")
        session.out.print_lines(words(nothing))


def _facts(e: Escalation, name_of: Callable[[str], str]) -> Row:
    owner = name_of(e.owner) if e.owner else None
    about = e.customer_name or None
    return e.name, e.current_severity, e.status, e.turn, e.owner, owner, about, e.title, utc(e.raised_at), e.severity


def _list_table(words: Words) -> TextTable:
    status = f"{words(labels.FIELD['status'])} · {words(labels.FIELD['owner'])}"
    customer, title = words(labels.FIELD["customer_name"]), words(labels.FIELD["title"])
    return TextTable((words(N_("No.")), words(N_("Sev.")), status, customer, title, words(N_("Raised"))), words.colon)


def _list_row(e: Escalation, owner: str, zone: ZoneInfo, words: Words) -> Iterator[str]:
    status = "\n".join(filter(None, [words(labels.STATUS[e.status]), case_row.solved_by_us(e, words), owner]))
    about = e.customer_name or words(labels.KIND[e.kind])
    cells = (e.name, labels.shorten_severity(e, words), status, about, e.title, numeric_moment(e.raised_at, zone)[:10])
    return (in_words(cell, words) for cell in cells)
