"""One life of the bot as a process: what is checked before it runs, and how it ends."""

import asyncio
import gc
import logging
import os
import socket

from bot.app import ListenAddress, Program
from bot.clock import Clock
from bot.config import Config
from bot.database_errors import open_to_others, problem_said
from handlers.i18n.words import Words
from models.outbox.queue import Outbox
from models.store.database import Store

log = logging.getLogger("bot.app")


def _check_address(address: ListenAddress | None) -> None:
    """Take an address for a moment. Raises OSError when it can't be had."""
    if address and address.port:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        socket.create_server((address.host, address.port), family=family).close()


def run(config: Config, store: Store, http: ListenAddress | None, health: ListenAddress | None) -> None:
    """Run the bot until it is told to stop.

    Raises AlreadyRunning, TooNew and NotSaved from the store, OSError when an address cannot be had.
    """
    claim = store.claim_file()
    is_new = not store.is_there
    if is_new:
        _check_address(http or health)  # before a record begins
    store.upgrade()
    store.check()
    if is_new:
        log.warning("a new record begins at %s", store.place)
    for path in open_to_others(store, config.env_file):
        log.warning("every user of this machine can read or change %s; close it: chmod 600", path)
    for problem in config.unknown:
        log.warning(problem_said(problem, Words.of("en")))
    if claim:
        # Nobody else can be alive on this file: what a killed bot was sending is taken up at once.
        Outbox(store).adopt(Clock(config.clock_offset_file).now())
    program = Program(config, store)
    # What a start has made stays: nobody has to wait while it is looked through for garbage, again and again.
    gc.freeze()
    finished = asyncio.run(program.run(http, health))
    if claim:
        claim.release()
    if not finished:
        log.warning("ending with work under way; it is taken up again at the next start")
        logging.shutdown()
        # The threads that are late would be waited for without end.
        os._exit(0)
