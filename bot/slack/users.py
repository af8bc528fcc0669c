"""Who somebody is, as Slack says and as the store remembers. ``models.rules.people`` decides who is let in."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
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

USABLE = timedelta(hours=24)
"""Facts younger than this serve while Slack does not answer."""
_REST = 30.0
"""Seconds without asking after Slack did not answer: people must not wait for the same time-out at each click."""
_KEPT = 2000
"""How many people are kept in memory. All others are read from the store again."""
_SURE = {"user_not_found", "users_not_found", "user_not_visible"}


class UnknownUser(SlackUnreachable):
    """Slack answers that it knows nobody by an id."""


@dataclass(frozen=True)
class DefaultLocale:
    """What holds for people of whom Slack names no language (an IETF tag) or no time zone: the installation's."""

    locale: str
    tz: str


_USUAL = DefaultLocale("zh-CN", "Asia/Shanghai")


def default_locale(settings: Settings) -> DefaultLocale:
    """Return the language and time zone of an installation."""
    return DefaultLocale("en-US" if settings.language == "en" else "zh-CN", settings.timezone.key)


class SlackUsers:
    """Answers ``person``; any number of threads may ask at once. ``notes`` writes down one thing after the other."""

    def __init__(
        self,
        client: WebClient,
        commands: EscalationCommands,
        queries: EscalationQueries,
        clock: Clock,
        notes: Executor,
        usual: DefaultLocale = _USUAL,
    ) -> None:
        self._client, self._usual = client, usual
        self._commands = commands
        self._queries = queries
        self._clock = clock
        self._at_hand: dict[str, tuple[Person, datetime]] = {}
        self._met: SimpleQueue[tuple[Person, datetime]] = SimpleQueue()
        self._notes = notes
        self._resting_until = self._limited_until = 0.0
        self._nobody: set[str] = set()
        self._people, self._homes = SingleFlight[Person](), SingleFlight[str]()
        self._home = self._address = self._own_id = ""

    def person(self, user_id: str, team_id: str, fresh: timedelta = USUAL) -> Person:
        """Return the person behind an id; ``team_id`` counts when Slack names no other.

        Facts that are not ``fresh`` are asked for again. Raises SlackUnreachable when Slack cannot be asked and nothing
        usable is remembered.
        """
        now = self._clock.now()
        # The store is for when Slack does not answer: a look into it would cost each newcomer more than the rest.
        met = self._at_hand.get(user_id)
        if met and abs(now - met[1]) < fresh:
            return met[0]
        try:
            return self._people.ask(f"{user_id} {team_id}", lambda: self._asked(user_id, team_id, now))
        except SlackUnreachable:
            remembered = self._remembered(user_id)
            if remembered and (self._is_limited() or abs(now - remembered[1]) < USABLE):
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
            person = self._asked(user_id, self.home_team(), now)
        except UnknownUser:
            return self._kept(lambda: self._commands.record_departure(user_id, now, "user_not_found"))
        except SlackUnreachable:
            return False
        return self._kept(lambda: self._commands.remember((person, now)))

    def changed(self, user: Mapping[str, Any]) -> None:
        """Take what Slack says unasked of somebody we met; of all others we know nothing that could be outdated."""
        before = self.known(str(user.get("id")))
        if before is None:
            return
        person = _person(user, before.team_id, DefaultLocale(before.locale, before.tz))
        if person != before:
            now = self._clock.now()
            self._keep_at_hand(person, now)
            self._met.put((person, now))
            self._notes.submit(self._remember)

    def unknown(self, user_id: str) -> bool:
        """Whether Slack says that it knows nobody by this id."""
        self.meet(user_id)
        return user_id in self._nobody

    def known(self, user_id: str) -> Person | None:
        """Whom we met before, however long ago. Asks nobody."""
        remembered = self._remembered(user_id)
        return remembered[0] if remembered else None

    def home_team(self) -> str:
        """Return the workspace of the bot token, asked once. Raises SlackUnreachable while Slack does not answer."""
        return self._home or self._homes.ask("", self._asked_home)

    def _asked_home(self) -> str:
        try:
            answer = self._client.auth_test()
        except SlackClientError as error:
            why = error_of(error) if isinstance(error, SlackApiError) else str(error)
            says = f"Slack has not said yet whose token this is ({why}); csp-escalate doctor says what to do"
            raise SlackUnreachable(says) from None
        self._home, self._address = str(answer["team_id"]), str(answer.get("url") or "")
        self._own_id = str(answer.get("user_id") or "")
        return self._home

    def workspace(self) -> str:
        """Return the address of that workspace; empty while it is not known. Asks nobody: :meth:`settle_in` does."""
        return self._address

    def own_id(self) -> str:
        """Return the Slack id of the bot itself; empty while it is not known. Asks nobody."""
        return self._own_id

    def settle_in(self) -> None:
        """Ask for what will be needed before anybody waits for it. Trouble is reported when somebody really asks."""
        try:
            self.home_team()
        except SlackUnreachable as error:
            log.warning("%s", error)

    def _remembered(self, user_id: str) -> tuple[Person, datetime] | None:
        return self._at_hand.get(user_id) or _or_none(lambda: self._queries.person(user_id))

    def _asked(self, user_id: str, team_id: str, now: datetime) -> Person:
        if self._clock.monotonic() < self._resting_until:
            raise SlackUnreachable("Slack did not answer a moment ago")
        try:
            answer = self._client.users_info(user=user_id, include_locale=True)
        except SlackApiError as error:
            if error_of(error) in _SURE:
                self._nobody.add(user_id)
                raise UnknownUser("Slack knows nobody by this id") from None
            raise self._resting(error_of(error), self._wait_after(error)) from None
        except SlackClientError as error:
            raise self._resting(str(error), _REST) from None
        person = _person(answer["user"], team_id, self._usual)
        self._nobody.discard(user_id)
        self._met.put((person, now))
        self._notes.submit(self._remember)
        return self._keep_at_hand(person, now)

    @staticmethod
    def _kept(write: Callable[[], None]) -> bool:
        try:
            write()
        except NotSaved:
            return False
        return True

    def _remember(self) -> None:
        """Write down whom we met: apart, because nobody's answer may wait for the disk, and all at once."""
        met = [self._met.get() for _ in range(self._met.qsize())]
        if met:
            _or_none(lambda: self._commands.remember(*met))

    def _keep_at_hand(self, person: Person, seen_at: datetime) -> Person:
        if len(self._at_hand) >= _KEPT:
            self._at_hand.clear()
        self._at_hand[person.id] = (person, seen_at)
        return person

    def _wait_after(self, error: SlackApiError) -> float:
        """Seconds without asking. A rate limit is kept to the second: Slack is there, and says when it answers."""
        if error.response.status_code != 429:
            return _REST
        wait = read_retry_after(header_of(error.response, "retry-after"))
        self._limited_until = self._clock.monotonic() + wait
        return wait

    def _is_limited(self) -> bool:
        return self._clock.monotonic() < self._limited_until

    def _resting(self, why: str, seconds: float) -> SlackUnreachable:
        self._resting_until = self._clock.monotonic() + seconds
        log.warning("users.info did not answer: %s", why)
        return SlackUnreachable(why)


def _person(user: Mapping[str, Any], team_id: str, usual: DefaultLocale) -> Person:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return Person(
        id=user["id"],
        team_id=user.get("team_id") or team_id,
        name=next((name for name in names if name), user["id"]),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        is_deleted=bool(user.get("deleted")),
        locale=user.get("locale") or usual.locale,
        tz=user.get("tz") or usual.tz,
    )


def _or_none(act: Callable[[], T]) -> T | None:
    """Return the result of a read of the store; None when the store fails, which is no reason to turn somebody away."""
    try:
        return act()
    except NotSaved:
        return None
