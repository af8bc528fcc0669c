"""One life of the bot as a process: what is checked before it runs, how it starts, and how it stops."""

import asyncio
import gc
import logging
import os
import signal
import socket
from concurrent.futures import wait
from datetime import datetime

from bot.app import Program
from bot.clock import Clock
from bot.config import Config
from bot.database_errors import describe_problem, open_to_others
from bot.inbound import ListenAddress
from handlers.i18n import dates, words
from models.outbox import failure_rows, webhook_rows
from models.outbox.queue import Outbox
from models.store import epoch
from models.store.database import Store

log = logging.getLogger(__name__)

STOP_SECONDS = 9.0
"""Accepted work is waited for so long after SIGTERM."""
WATCH_SECONDS = 0.5
"""The end of the watch of the outbox is waited for so long: a database that hangs may hold it up."""
RESTORE_CHECK_SECONDS = 2.0
"""A start waits so long for the comparison of the database with Slack."""


def run(config: Config, store: Store, http: ListenAddress | None, health: ListenAddress | None) -> None:
    """Run the bot until SIGTERM or Ctrl-C.

    Raises AlreadyRunning, DatabaseTooNew and NotSaved from the store, OSError when an address cannot be had.
    """
    claim = store.claim_file()
    _warn(config, store)
    for address in (http, health):
        _check_address(address)
    _prepare_store(store)
    now = Clock(config.clock_offset_file).now()
    _store_settings(config, store, now)
    if claim:
        # Nobody else can be alive on this file: what a killed bot was sending is sent again at once.
        Outbox(store).expire_leases(now)
    program = Program(config, store)
    # What a start has made stays: the garbage collector need not look through it again and again.
    gc.freeze()
    finished = asyncio.run(_serve(program, http, health))
    if claim:
        claim.release()
    if not finished:
        log.warning("stopped with unfinished work; the next start continues it")
        logging.shutdown()
        os._exit(0)  # threads that are late would be waited for without end


def _store_settings(config: Config, store: Store, now: datetime) -> None:
    """Store what the settings of this start mean for messages: whether moves go out, and which files are not used."""
    has_webhook = config.webhook is not None
    if store.read(epoch.has_webhook) != has_webhook:
        store.write(lambda connection: webhook_rows.set_up(connection, has_webhook, now))
    if settings := [file.key for file in config.unused_files]:
        store.write(lambda connection: failure_rows.report_unused_files(connection, settings, now))


def _prepare_store(store: Store) -> None:
    """Bring the schema up to date, and say where a database was made."""
    is_new = not store.exists
    store.upgrade()
    store.check()
    if is_new:
        log.warning("a new record begins at %s", store.location)
    if store.is_pooled:
        log.info("the database is reached through a pooler: settings hold for one transaction, nothing is prepared")


def _check_address(address: ListenAddress | None) -> None:
    """Listen on an address for a moment, before anything is stored or sent. Raises OSError for a taken one."""
    if address and address.port:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        socket.create_server((address.host, address.port), family=family).close()


def _warn(config: Config, store: Store) -> None:
    """Log what is unsafe or misspelt in the installation."""
    for path in open_to_others(store, config.env_file, config.reach_file):
        log.warning("every user of this machine can read or change %s; close it: chmod 600 %s", path, path)
    english = words.Words.of("en")
    for problem in config.unknown:
        log.warning(describe_problem(problem, english))
    for unused in config.unused_files:
        for problem in unused.problems:
            log.error(describe_problem(problem, english))
        log.error("%s: %s", unused.key, english(unused.effect))


async def _serve(program: Program, http: ListenAddress | None, health: ListenAddress | None) -> bool:
    """Serve until SIGTERM or Ctrl-C. Return True when everything that was accepted was also finished."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    _warm_up(program)
    for worker in program.queue_workers:
        worker.start()
    program.queue_watch.start()
    program.scheduler.start()
    await program.inbound.start(http, health, program.health, program.make_probes)
    log.info("process %d serves %s", os.getpid(), "signed HTTP" if http else "Socket Mode")
    await stop.wait()
    log.info("stopping: no new work is taken, accepted work is finished")
    return await _stop(program)


def _warm_up(program: Program) -> None:
    """Read and ask now what the first requests would wait for.

    The database is compared with Slack before anything is sent: an older database would repeat messages, and count
    the time since it was copied as downtime.
    """
    words.prepare()
    dates.prepare()
    background = program.executors.background
    wait([background.submit(program.restore_check.tick)], RESTORE_CHECK_SECONDS)
    background.submit(program.people.warm_up)


async def _stop(program: Program) -> bool:
    """Stop all parts in order. Return True when accepted work was finished in time."""
    clock = program.clock
    until = clock.monotonic() + STOP_SECONDS
    for worker in program.queue_workers:
        worker.stop_claiming()
    program.scheduler.stop()
    await asyncio.to_thread(program.queue_watch.stop, WATCH_SECONDS)
    program.inbound.stop_taking()
    await program.inbound.stop(until)
    # Acknowledged requests may still be at work: their threads are waited for, but not for ever.
    pools = asyncio.get_running_loop().run_in_executor(None, program.executors.shut_down)
    _, late = await asyncio.wait([pools], timeout=max(0.1, until - clock.monotonic()))
    stops = [
        await asyncio.to_thread(worker.stop, max(0.1, until - clock.monotonic())) for worker in program.queue_workers
    ]
    program.transport.close()
    program.store.dispose()
    return all(stops) and not late
