"""Who somebody is, as Slack says and as the store remembers. ``models.rules.people`` decides who is let in."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import Any, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.clock import Clock
from bot.single_flight import SingleFlight
from bot.slack.client import error_of, header_of
from bot.slack.error_codes import read_retry_after
from handlers.context import USUAL
from handlers.settings import Settings
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.errors import NotSaved, SlackUnreachable
from models.rules.people import Person

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_AGE_WITHOUT_SLACK = timedelta(hours=24)
"""Facts younger than this serve while Slack does not answer."""
_PAUSE = 30.0
"""Seconds without a call after Slack did not answer: people must not wait for the same time-out at each click."""
_MAX_CACHED = 2000
"""People in memory at most. All others are read from the store again."""
_UNKNOWN_USER = {"user_not_found", "users_not_found", "user_not_visible"}


class UnknownUser(SlackUnreachable):
    """Slack answers that it knows nobody by an id."""


@dataclass(frozen=True)
class DefaultLocale:
    """What holds for people of whom Slack names no language (an IETF tag) or no time zone: the installation's."""

    locale: str
    tz: str


_DEFAULT = DefaultLocale("zh-CN", "Asia/Shanghai")


def default_locale(settings: Settings) -> DefaultLocale:
    """Return the language and time zone of an installation."""
    return DefaultLocale("en-US" if settings.language == "en" else "zh-CN", settings.timezone.key)


class SlackUsers:
    """The directory of people. Threads may share it. ``background`` saves one thing after the other."""

    def __init__(
        self,
        client: WebClient,
        commands: EscalationCommands,
        queries: EscalationQueries,
        clock: Clock,
        background: Executor,
        default: DefaultLocale = _DEFAULT,
    ) -> None:
        self._client, self._default = client, default
        self._commands = commands
        self._queries = queries
        self._clock = clock
        self._cache: dict[str, tuple[Person, datetime]] = {}
        self._unsaved: SimpleQueue[tuple[Person, datetime]] = SimpleQueue()
        self._background = background
        self._paused_until = self._limited_until = 0.0
        self._unknown_ids: set[str] = set()
        self._person_calls, self._team_calls = SingleFlight[Person](), SingleFlight[str]()
        self._team_id = self._workspace_url = self._own_id = ""
        self._team_failures: set[str] = set()

    def person(self, user_id: str, team_id: str, fresh: timedelta = USUAL) -> Person:
        """Return the person behind an id; ``team_id`` counts when Slack names no other.

        Facts that are not ``fresh`` are asked for again. Raises SlackUnreachable when Slack cannot be asked and nothing
        usable is remembered.
        """
        now = self._clock.now()
        # The store is for when Slack does not answer: a look into it would cost each newcomer more than the rest.
        met = self._cache.get(user_id)
        if met and abs(now - met[1]) < fresh:
            return met[0]
        try:
            return self._person_calls.ask(f"{user_id} {team_id}", lambda: self._ask_slack(user_id, team_id, now))
        except SlackUnreachable:
            remembered = self._remembered(user_id)
            if remembered and (self._is_limited() or abs(now - remembered[1]) < MAX_AGE_WITHOUT_SLACK):
                return remembered[0]
            raise

    def meet(self, user_id: str) -> None:
        """Ask who somebody is before the first message to them, so that it is in their language.

        While Slack does not answer, the message is sent all the same.
        """
        if _or_none(lambda: self._queries.person(user_id)):
            return
        try:
            person = self.person(user_id, self.home_team())
        except SlackUnreachable:
            return
        _or_none(lambda: self._commands.remember((person, self._clock.now())))

    def look_up(self, user_id: str) -> bool:
        """Ask Slack about somebody now, and record at once whether they are in the workspace.

        Return False when Slack or the store did not answer, so that it has to be done again.
        """
        now = self._clock.now()
        try:
            person = self._ask_slack(user_id, self.home_team(), now)
        except UnknownUser:
            return self._try_to_save(lambda: self._commands.record_departure(user_id, now, "user_not_found"))
        except SlackUnreachable:
            return False
        return self._try_to_save(lambda: self._commands.remember((person, now)))

    def changed(self, user: Mapping[str, Any]) -> None:
        """Save what an event of Slack says of a person. Nothing is known of people whom we never met."""
        before = self.known(str(user.get("id")))
        if before is None:
            return
        person = _person(user, before.team_id, DefaultLocale(before.locale, before.tz))
        if person != before:
            now = self._clock.now()
            self._keep(person, now)
            self._unsaved.put((person, now))
            self._background.submit(self._save_unsaved)

    def unknown(self, user_id: str) -> bool:
        """Return whether Slack says that it knows nobody by this id."""
        self.meet(user_id)
        return user_id in self._unknown_ids

    def known(self, user_id: str) -> Person | None:
        """Return a person as they were known last, however long ago; None for somebody new. Does not call Slack."""
        remembered = self._remembered(user_id)
        return remembered[0] if remembered else None

    def home_team(self) -> str:
        """Return the workspace of the bot token, asked once. Raises SlackUnreachable while Slack does not answer."""
        return self._team_id or self._team_calls.ask("", self._ask_team_id)

    def _ask_team_id(self) -> str:
        """Ask Slack for the workspace. Each cause of a failure is logged once, and so is the end."""
        try:
            answer = self._client.auth_test()
        except SlackClientError as error:
            why = error_of(error) if isinstance(error, SlackApiError) else str(error)
            says = f"Slack has not said yet whose token this is ({why}); csp-escalate doctor says what to do"
            if why not in self._team_failures:
                self._team_failures.add(why)
                log.warning("%s", says)
            raise SlackUnreachable(says) from None
        self._team_id, self._workspace_url = str(answer["team_id"]), str(answer.get("url") or "")
        self._own_id = str(answer.get("user_id") or "")
        if self._team_failures:
            log.info("Slack has said now whose token this is")
        return self._team_id

    def workspace(self) -> str:
        """Return the address of that workspace; empty while it is not known. Does not call Slack."""
        return self._workspace_url

    def own_id(self) -> str:
        """Return the Slack id of the bot itself; empty while it is not known. Does not call Slack."""
        return self._own_id

    def warm_up(self) -> None:
        """Ask for the workspace before anybody waits for it."""
        with suppress(SlackUnreachable):
            self.home_team()

    def _remembered(self, user_id: str) -> tuple[Person, datetime] | None:
        return self._cache.get(user_id) or _or_none(lambda: self._queries.person(user_id))

    def _ask_slack(self, user_id: str, team_id: str, now: datetime) -> Person:
        if self._clock.monotonic() < self._paused_until:
            raise SlackUnreachable("Slack did not answer a moment ago")
        try:
            answer = self._client.users_info(user=user_id, include_locale=True)
        except SlackApiError as error:
            if error_of(error) in _UNKNOWN_USER:
                self._unknown_ids.add(user_id)
                raise UnknownUser("Slack knows nobody by this id") from None
            raise self._pause(error_of(error), self._find_pause(error)) from None
        except SlackClientError as error:
            raise self._pause(str(error), _PAUSE) from None
        person = _person(answer["user"], team_id, self._default)
        self._unknown_ids.discard(user_id)
        self._unsaved.put((person, now))
        self._background.submit(self._save_unsaved)
        return self._keep(person, now)

    @staticmethod
    def _try_to_save(write: Callable[[], None]) -> bool:
        try:
            write()
        except NotSaved:
            return False
        return True

    def _save_unsaved(self) -> None:
        """Save the people of whom Slack told something new, all at once. No answer to a person waits for this."""
        met = [self._unsaved.get() for _ in range(self._unsaved.qsize())]
        if met:
            _or_none(lambda: self._commands.remember(*met))

    def _keep(self, person: Person, seen_at: datetime) -> Person:
        if len(self._cache) >= _MAX_CACHED:
            self._cache.clear()
        self._cache[person.id] = (person, seen_at)
        return person

    def _find_pause(self, error: SlackApiError) -> float:
        """Return the seconds without calls after an error. A rate limit is kept to the second, as Slack says."""
        if error.response.status_code != 429:
            return _PAUSE
        wait = read_retry_after(header_of(error.response, "retry-after"))
        self._limited_until = self._clock.monotonic() + wait
        return wait

    def _is_limited(self) -> bool:
        return self._clock.monotonic() < self._limited_until

    def _pause(self, why: str, seconds: float) -> SlackUnreachable:
        self._paused_until = self._clock.monotonic() + seconds
        log.warning("users.info failed: %s", why)
        return SlackUnreachable(why)


def _person(user: Mapping[str, Any], team_id: str, default: DefaultLocale) -> Person:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return Person(
        id=user["id"],
        team_id=user.get("team_id") or team_id,
        name=next((name for name in names if name), user["id"]),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_deleted=bool(user.get("deleted")),
        locale=user.get("locale") or default.locale,
        tz=user.get("tz") or default.tz,
    )


def _or_none(act: Callable[[], T]) -> T | None:
    """Return the result of a read of the store; None when the store fails, which is no reason to turn somebody away."""
    try:
        return act()
    except NotSaved:
        return None
