"""``run``: the bot itself."""

import errno
import logging

import typer

from bot import environment, lifecycle, logs
from bot.commands.session import CommandError, Session, describe, why
from bot.config import InvalidConfig, Requirement
from bot.inbound import ListenAddress
from handlers.i18n.words import N_, Words
from models.store.database import Store

log = logging.getLogger(__name__)


def run(session: Session, http: str | None, health: str | None) -> None:
    """Run the bot until SIGTERM or Ctrl-C. A log in JSON says in one line why it could not start."""
    try:
        _run(session, http, health)
    except Exception as error:
        said = describe(error, Words.of("en")) if environment.wants_json_log(session.env_file) else None
        if said is None:
            raise
        if isinstance(error, InvalidConfig):  # before the log was set up
            logs.set_up(as_json=True)
        lines, code = said
        log.error("not started: %s", " ".join(line.strip() for line in lines))
        raise typer.Exit(code) from None


def _run(session: Session, http: str | None, health: str | None) -> None:
    line = Requirement.HTTP if http else Requirement.SOCKET
    places = [_address(session, given) if given else None for given in (http, health)]
    read = session.config(Requirement.DATABASE | Requirement.SLACK | line, tells_unused=False)
    environment.disarm_oauth()
    store = Store(read.database_url.reveal())
    try:
        with session.reporting_trouble(store):
            lifecycle.run(read, store, *places)
    except OSError as error:
        place = http or health
        if place is None:
            raise
        raise CommandError(_explain(error, place, "--http" if http else "--health", session.words)) from None


def _explain(error: OSError, place: str, option: str, words: Words) -> str:
    """Say why an address can't be listened on, and what to do."""
    says = N_("Can't listen on {place}: {why}. Name another address with {option}.")
    said = words(says, place=place, why=why(error, words), option=option)
    if error.errno != errno.EADDRINUSE:
        return said
    command = f"ss -ltnp 'sport = :{place.rpartition(':')[2]}'"
    return words.join_sentences([said, words(N_("To see which program uses this one: {command}"), command=command)])


def _address(session: Session, given: str) -> ListenAddress:
    host, _, port = given.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        says = session.words(N_("{given} is not HOST:PORT, for example 127.0.0.1:3000."), given=given)
        raise CommandError(says, code=2)
    return ListenAddress(host.strip("[]"), int(port))
