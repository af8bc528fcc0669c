"""Checks of the doctor that need only the database and the settings: schema, outbox, 21Vianet's pages."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from bot.clock import Clock
from bot.config import Config
from bot.database_errors import CLOSE_IT, READ_ONLY, list_file_problems, no_record, open_to_others, store_trouble
from bot.setting_files import REACH
from bot.webhook.receiver import WebhookReceiver
from handlers.i18n.dates import numeric_moment
from handlers.i18n.webhook_labels import explain
from handlers.i18n.words import N_, Words
from models.escalations.vendor_policies import VendorPolicies
from models.outbox import mending, slack_silence, webhook_rows
from models.rules.errors import NotSaved
from models.rules.policy.vendor import READ_AGAIN_AFTER, VendorPolicy
from models.rules.webhook import ALOUD_AFTER
from models.store.database import LEAST_FREE, Store
from models.store.schema import REVISIONS
from models.store.sqlite import wal_is_safe

T = TypeVar("T")
MEGABYTE, GIGABYTE = 10**6, 10**9
_CHECKED_BY = {REACH: "csp-escalate reach check"}
"""The commands that name the faults of a file, by its setting."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    what: str  # what was checked
    fine: bool | None  # None when it could not be checked, or need not be
    says: str
    hint: str = ""  # a command that corrects it, to be copied; empty where there is none


class DatabaseChecks:
    """Checks the database of one configuration. It changes nothing."""

    def __init__(self, config: Config, words: Words, clock: Clock) -> None:
        self._config, self._words, self._clock = config, words, clock

    def findings(self) -> Iterator[Finding]:
        """Run all checks."""
        yield from self._database()
        yield self._set_aside()
        yield self._webhook()
        yield from self.check_reach()
        yield self._facts()

    def _database(self) -> Iterator[Finding]:
        store = Store(self._config.database_url.reveal())
        try:
            yield self._schema(store)
            if store.is_sqlite:
                yield self._sqlite()
                yield from self._disk(store)
            if store.is_pooled:
                says = N_("Connections go through one, such as PgBouncer; each transaction brings its own settings.")
                yield Finding(self._words(N_("Pooler")), True, self._words(says))
            for path in open_to_others(store, self._config.env_file, self._config.reach_file):
                yield Finding(
                    self._words(N_("Permissions")), False, self._words(CLOSE_IT, path=path), f"chmod 600 {path}"
                )
        finally:
            store.dispose()

    def _facts(self) -> Finding:
        """Check that 21Vianet's pages were read lately."""
        what, policy = self._words(N_("21Vianet's pages")), self._find_policy()
        if pages := policy.find_unread_pages(self._clock.now().date()):
            says = N_(
                "Not read for {days} days; read them again, correct the dates and facts, then: csp-escalate policy "
                "import FILE ({pages})"
            )
            days = READ_AGAIN_AFTER.days
            return Finding(what, None, self._words(says, days=days, pages=self._words.join_items(pages)))
        oldest = min(source.read_on for source in policy.sources())
        return Finding(what, True, self._words(N_("Each was read on {day} or later."), day=f"{oldest}"))

    def _set_aside(self) -> Finding:
        """Check that nobody has to decide about a message that did not reach Slack, and that Slack takes messages."""
        what, count = self._words(N_("Outbox")), self._read(mending.count_set_aside)
        if count is None:
            return Finding(what, None, self._words(N_("The database can't tell yet.")))
        if not count and (since := self._read(lambda c: slack_silence.find_silent_since(c, self._clock.now()))):
            says = N_("Messages that wait for Slack: {n}. It has taken none since {at}.")
            at = numeric_moment(since, self._config.timezone)
            waiting = self._words(says, n=self._read(slack_silence.count_waiting), at=at)
            return Finding(what, False, waiting, "csp-escalate outbox list")
        if not count:
            return Finding(what, True, self._words(N_("No message was set aside.")))
        says = self._words.plural(
            "{n} message was set aside and nobody has looked at it: csp-escalate outbox list",
            "{n} messages were set aside and nobody has looked at them: csp-escalate outbox list",
            count,
        )
        return Finding(what, False, says, "csp-escalate outbox list --state set-aside")

    def _webhook(self) -> Finding:
        """Check that the webhook's receiver can be reached, and that no move waits long for it. Nothing is sent."""
        what, settings, words = "CSP_WEBHOOK_URL", self._config.webhook, self._words
        if settings is None:
            return Finding(what, None, words(N_("Not set, and not needed.")))
        receiver, hint = WebhookReceiver(settings, self._clock), "csp-escalate webhook test"
        if code := receiver.connect().trouble:
            says = N_("{host} can't be reached ({code}). {advice}")
            return Finding(what, False, words(says, host=receiver.host, code=code, advice=explain(code, words)), hint)
        backlog = self._read(webhook_rows.read_backlog)
        if backlog and backlog.oldest and self._clock.now() - backlog.oldest >= ALOUD_AFTER:
            says = N_("{host} can be reached, but {n} moves wait, the oldest since {at} ({code}). {advice}")
            at, code = numeric_moment(backlog.oldest, self._config.timezone), backlog.error
            advice = explain(code, words) if code else words(N_("The bot did not try yet: is it running?"))
            said = words(says, host=receiver.host, n=backlog.waiting, at=at, code=code or "–", advice=advice)
            return Finding(what, False, said, hint)
        return Finding(what, True, words(N_("{host} can be reached."), host=receiver.host))

    def check_reach(self) -> Iterator[Finding]:
        """Say whether people can be reached while Slack is silent, and which files are not used. Nothing is sent."""
        words, plan = self._words, self._config.reach
        for unused in self._config.unused_files:
            lines = [*list_file_problems(unused, words), words(unused.effect)]
            yield Finding(unused.key, False, "\n".join(lines), _CHECKED_BY.get(unused.key, ""))
        if self._config.reach_file is None:
            says = N_("Not set: while Slack is silent nobody is reached, and no phone rings.")
            yield Finding(REACH, None, words(says))
            return
        if all(unused.key != REACH for unused in self._config.unused_files):
            says = N_("{addresses} under {names}. To try one: csp-escalate reach test NAME")
            addresses = words.plural("{n} address", "{n} addresses", len(plan.addresses))
            names = words.plural("{n} name", "{n} names", len(plan.people))
            yield Finding(REACH, True, words(says, addresses=addresses, names=names))
        unset = N_("Not set, so messages by other ways bring no link to act without Slack.")
        yield Finding("CSP_PUBLIC_URL", bool(self._config.public_url) or None, self._config.public_url or words(unset))

    def _read(self, query: Callable[[Connection], T]) -> T | None:
        """Return what a query finds; None where the database can't tell yet."""
        store = Store(self._config.database_url.reveal())
        try:
            return store.read(query) if store.exists and store.revision() == REVISIONS[-1] else None
        except NotSaved:  # told by the check of the database
            return None
        finally:
            store.dispose()

    def _find_policy(self) -> VendorPolicy:
        """Return the rules that the bot uses; the packaged ones where the database can't tell."""
        store = Store(self._config.database_url.reveal())
        try:
            if store.exists and store.revision() == REVISIONS[-1]:
                return VendorPolicies(store, self._config.pages).newest
        except NotSaved:  # told by the check of the database
            pass
        finally:
            store.dispose()
        return self._config.pages

    def _schema(self, store: Store) -> Finding:
        what = self._words(N_("Database"))
        try:
            if not store.exists:
                return Finding(what, None, no_record(store, self._words))
            store.check()
            revision = store.revision()
        except NotSaved as error:
            return Finding(what, False, store_trouble(error, store, self._words))
        if store.is_sqlite and not all(os.access(path, os.W_OK) for path in (store.path, store.path.absolute().parent)):
            return Finding(what, False, self._words(READ_ONLY, place=store.location))
        if revision not in REVISIONS:
            return Finding(what, False, self._words(N_("A newer program made it. Update this one.")))
        if revision != REVISIONS[-1]:
            says = N_("{engine}, version {revision}; the next start brings it up to {newest}")
            said = self._words(says, engine=store.dialect, revision=revision, newest=REVISIONS[-1])
            return Finding(what, True, said)
        says = N_("{engine}, version {revision}")
        return Finding(what, True, self._words(says, engine=store.dialect, revision=revision))

    def _disk(self, store: Store) -> Iterator[Finding]:
        """Check that the disk of the SQLite file has room; nothing where the system can't tell."""
        what, free = self._words(N_("Disk")), store.free_bytes()
        if free is None:
            return
        if free < LEAST_FREE:
            says = N_("{folder} has {free} MB left. Free some space: what can't be stored is refused.")
            said = self._words(says, folder=store.path.absolute().parent, free=free // MEGABYTE)
            yield Finding(what, False, said)
        else:
            yield Finding(what, True, self._words(N_("{free} GB are free"), free=f"{free / GIGABYTE:,.1f}"))

    def _sqlite(self) -> Finding:
        safe = wal_is_safe()
        says = (
            N_("{version}, with a write-ahead log")
            if safe
            else N_("{version} can damage a write-ahead log, so it is not used; 3.51.3 or later is faster")
        )
        return Finding("SQLite", True, self._words(says, version=sqlite3.sqlite_version))
