"""``sandbox``: a local Slack in the browser with this bot connected to it, kept in ``.sandbox`` between runs."""

import asyncio
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import typer
import yaml

from bot import app_manifest, environment
from bot.clock import Clock
from bot.commands.sandbox_days import BEGINS, SimulatedDays, WatchedSimulation
from bot.commands.sandbox_samples import CUSTOMERS
from bot.commands.session import CommandError, Session, why
from bot.commands.typed_instant import parse_instant
from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.reach_file import write_reach_file
from bot.simulation.example_team import add_example_team
from handlers.i18n.words import N_, Words
from models.customers.importer import import_customers
from models.rules.customers.csv_columns import read_sheet
from models.rules.rota.rota import BEIJING
from models.store.database import Store

_FOLDER = Path(".sandbox")
_STATE, _CLOCK, _DATABASE, _ENV, _LOG = "state.json", "clock", "bot.db", "env", "bot.log"
_REACH = "reach.toml"
_PORTS = 20
"""How many ports are tried after the wanted one."""


def watch(
    session: Session, where: tuple[int, bool], seed: int, days_and_speed: tuple[int, float], begins: str, slack_off: int
) -> None:
    """Show a team and its bot living through some days, at a speed in hours a second. Exits with the run's code.

    ``where`` is the port, and whether the browser opens. ``begins`` is what was typed, and may be empty. Slack is off
    for ``slack_off`` hours of the first day.
    """
    port, open_page = where
    days, speed = days_and_speed
    since = parse_instant(begins, BEIJING, session.words).replace(second=0, microsecond=0) if begins else BEGINS
    what = SimulatedDays(days, seed, since, slack_off)
    with _folder_in_words(session.words):
        watched = WatchedSimulation(session, app_manifest.PACKAGED, _free_port(session.words, port), what)
    raise typer.Exit(watched.show(speed, open_page))


def serve(session: Session, port: int, open_page: bool, fresh: bool) -> None:
    """Serve a local Slack with the bot connected to it until Ctrl-C. Raises InvalidConfig for a wrong command."""
    Words.command = environment.read_command(session.env_file)
    with _folder_in_words(session.words):
        is_new = _prepare(fresh)
    if is_new:
        place = (_FOLDER / _DATABASE).absolute()
        session.out.print_lines(session.words(N_("A new record begins at {place}."), place=place))
    free = _free_port(session.words, port)
    if free != port:
        session.out.print_lines(session.words(N_("Port {port} is taken; {free} is used."), port=port, free=free))
    web = f"127.0.0.1:{_free_port(session.words, free + 1)}"
    settings = {**_settings(), "CSP_REACH_FILE": str((_FOLDER / _REACH).absolute()), "CSP_PUBLIC_URL": f"http://{web}"}
    local = Sandbox(
        SandboxOptions(
            manifest=yaml.safe_load(app_manifest.write(Words.command)),
            port=free,
            state_file=_FOLDER / _STATE,
            clock_file=(_FOLDER / _CLOCK).absolute(),
            bot_argv=(sys.executable, "-P", "-m", "bot", "--env-file", str(_FOLDER / _ENV), "run", "--health", web),
            bot_env=settings,
            bot_log=_FOLDER / _LOG,
        )
    )
    add_example_team(local)
    phones = [user for user, person in local.slack.workspace.people.items() if not person.is_bot]
    _write_private(_REACH, write_reach_file(f"http://127.0.0.1:{free}", phones))
    asyncio.run(_serve(local, session, open_page, settings))


async def _serve(local: Sandbox, session: Session, open_page: bool, settings: Mapping[str, str]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, local.ask_to_stop)

    def announce() -> None:
        _write_env({**local.env, **settings})
        session.out.print_lines(_welcome(session.words, local.page_url))
        if open_page and environment.has_screen():
            webbrowser.open(local.page_url)

    await local.serve_forever(announce)
    session.out.print_lines(session.words(N_("Stopped. Everything is kept in {folder}."), folder=_FOLDER))


@contextmanager
def _folder_in_words(words: Words) -> Iterator[None]:
    """Raise CommandError where the folder of the sandbox can't be written."""
    try:
        yield
    except OSError as error:
        says = N_("{folder} can't be written: {why}. Start the sandbox in a folder of your own.")
        raise CommandError(words(says, folder=_FOLDER.absolute(), why=why(error, words)), code=2) from None


def _prepare(fresh: bool) -> bool:
    """Make the folder, the database and the sample customers; return whether the database is new.

    Raises AlreadyRunning when a sandbox runs here.
    """
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    database = _FOLDER / _DATABASE
    store = Store(_settings()["DATABASE_URL"])
    claim = store.claim_file()
    if fresh:
        for path in (*_FOLDER.glob(f"{_DATABASE}*"), *(_FOLDER / name for name in (_STATE, _CLOCK, _ENV, _LOG))):
            if path.suffix != ".lock":
                path.unlink(missing_ok=True)
    first = not database.exists()
    store.upgrade()
    if first:
        import_customers(store, read_sheet(CUSTOMERS.encode()).lines, Clock().now())
    store.dispose()
    if claim:
        claim.release()
    _write_env(_settings())
    return first


def _settings() -> dict[str, str]:
    """Return what the bot in the sandbox needs beside the sandbox's own settings."""
    place = (_FOLDER / _DATABASE).absolute()
    return {"DATABASE_URL": f"sqlite:///{place}", "CSP_LANGUAGE": "both", "CSP_COMMAND": Words.command}


def _write_env(settings: Mapping[str, str]) -> None:
    _write_private(_ENV, "".join(f"{key}={value}\n" for key, value in settings.items()))


def _write_private(name: str, text: str) -> None:
    path = _FOLDER / name
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _free_port(words: Words, wanted: int) -> int:
    for port in range(wanted, min(wanted + _PORTS, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise CommandError(words(N_("No port from {port} on is free."), port=wanted))


def _welcome(words: Words, page: str) -> str:
    program = Path(sys.executable).with_name("csp-escalate")
    shown = os.path.relpath(program) if program.is_relative_to(Path.cwd()) else program
    command = f"{shown} --env-file {_FOLDER / _ENV}"
    return "\n".join(
        (
            "",
            words(N_("A local Slack is open at {page}"), page=page),
            words(N_("Type /csp-escalate there. The same data from a second terminal:")),
            f"  {command} escalations list",
            f"  {command} escalations show CSP-1",
            f"  {command} escalations export --format csv",
            f"  {command} customers import {words(N_('FILE'))}",
            f"  {command} doctor",
            words(N_("Ctrl-C stops it; all data is kept. --fresh starts over.")),
            "",
        )
    )
