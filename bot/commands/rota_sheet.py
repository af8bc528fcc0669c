"""``rota sheet``: the duty sheet as a file for the wall, or at a secret address."""

from pathlib import Path

from rich.text import Text

from bot.clock import Clock
from bot.commands.rota_input import BY, now_of
from bot.commands.session import CommandError, Session, why
from bot.config import Requirement
from bot.duty_sheets import SHEET, DutySheets
from bot.slack.http_server import sheet_path
from handlers.i18n.words import N_
from models.oncall import calendar_feeds


def sheet(session: Session, output: Path | None, address: bool, revoke: bool) -> None:
    """Write the sheet, or make or revoke its secret addresses. Raises CommandError with code 2."""
    words, config, now = session.words, session.config(Requirement.DATABASE), now_of(session)
    if output is None and not address and not revoke:
        raise CommandError(words(N_("Say what to do: --output FILE.html, --address or --revoke.")), code=2)
    with session.store() as store:
        if revoke:
            count = calendar_feeds.revoke(store, SHEET, BY, now)
            session.out.print(Text(words(N_("Addresses revoked: {n}"), n=count)), soft_wrap=True)
        if address:
            path = sheet_path(calendar_feeds.open_feed(store, SHEET, BY, now))
            session.out.print(Text(f"{config.public_url}{path}"), soft_wrap=True)
        if output:
            sheets = DutySheets(store, Clock(config.clock_offset_file), words, config.reach.contacts, config.timezone)
            try:
                output.write_text(sheets.write(now), encoding="utf-8")
            except OSError as error:
                says = words(N_("{file} can't be written: {why}"), file=output, why=why(error, words))
                raise CommandError(says, code=2) from None
