"""``rota sheet``: the duty sheet as a file for the wall, or at a secret address."""

from pathlib import Path

from bot.clock import Clock
from bot.commands.reach import NO_FILE
from bot.commands.rota_input import BY, now_of
from bot.commands.session import CommandError, Session
from bot.commands.whole_file import whole_file
from bot.config import Requirement
from bot.duty_sheets import SHEET, DutySheets, SheetSettings
from bot.http_server.sheet_routes import sheet_path
from handlers.i18n.dates import numeric_moment
from handlers.i18n.words import N_
from handlers.printable.duty_sheet import ADD_CONTACTS, write_sheet
from handlers.printable.sheet_facts import SheetFacts, find_without_contact
from models.oncall import calendar_feeds


def sheet(session: Session, output: Path | None, address: bool, revoke: bool) -> None:
    """Write the sheet, or make or revoke its secret addresses. Raises CommandError with code 2."""
    words, config, now = session.words, session.config(Requirement.DATABASE | Requirement.LEADS), now_of(session)
    if output is None and not address and not revoke:
        raise CommandError(words(N_("Say what to do: --output FILE.html, --address or --revoke.")), code=2)
    with session.store() as store:
        if revoke:
            count = calendar_feeds.revoke(store, SHEET, BY, now)
            session.out.print_lines(words(N_("Addresses revoked: {n}"), n=count))
        if address:
            path = sheet_path(calendar_feeds.open_feed(store, SHEET, BY, now))
            session.out.print_lines(f"{config.public_url}{path}")
        if output:
            settings = SheetSettings(words, config.timezone, config.reach, config.leads, config.pages)
            facts = DutySheets(store, Clock(config.clock_offset_file), settings).read(now)
            with whole_file(output, words) as target:
                target.write(write_sheet(facts, words).encode())
            _say_written(session, output, facts)


def _say_written(session: Session, output: Path, facts: SheetFacts) -> None:
    """Say where the sheet is, as of when, and for whom it has no number to call, with what to add where."""
    words, reach_file = session.words, session.config(Requirement.DATABASE).reach_file
    at = numeric_moment(facts.now, facts.zone)
    says = words(N_("The duty sheet is in {file}, as of {at}."), file=output.absolute(), at=at)
    session.out.print_lines(says)
    if lacking := find_without_contact(facts):
        says = words(ADD_CONTACTS, names=words.join_items(lacking))
        session.err.print_lines(f"⚠️ {says}")
        if reach_file is None:
            session.err.print_lines(words(NO_FILE))
