"""Checks that Slack, the database and the settings are as the bot needs them. It changes nothing.

Each check gives one finding: it is fine, or it says what to do.
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError, SlackRequestError
from slack_sdk.web import SlackResponse

from bot.clock import Clock
from bot.config import Config, ConfigProblem, SlackCredentials
from bot.database_checks import DatabaseChecks, Finding
from bot.database_errors import describe_problem
from bot.http_client.transport import Transport
from bot.http_server.server import HEALTH_PATH
from bot.slack.client import SlackClient, error_of, header_of
from handlers.chart.fonts import NoFont, find_font
from handlers.i18n.slack_answers import SlackErrorWords, find_connection_error, find_error, say_instead
from handlers.i18n.words import N_, Words
from handlers.settings import Settings

SCOPES = (
    "channels:history",
    "channels:read",
    "channels:write.topic",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write.topic",
    "im:history",
    "im:write",
    "usergroups:read",
    "usergroups:write",
    "users:read",
)
"""The scopes of manifest.yml that the code uses; a test compares the two."""
_MOST_SKEW = 30.0  # seconds between our clock and Slack's
_TIMEOUT = 10  # seconds for a request
DATABASE_KEY = "DATABASE_URL"


class Doctor:
    """Checks one configuration. Findings come one by one, so that a slow check is seen to be slow.

    ``running`` is the address at which the running bot shows /healthz, empty when it is not known. ``problems`` are
    what is wrong with the settings: what needs one of these is not checked.
    """

    def __init__(
        self, config: Config, words: Words, clock: Clock, running: str = "", problems: Sequence[ConfigProblem] = ()
    ) -> None:
        assert config.access is not None  # noqa: S101 - the command asks config for it
        assert config.settings is not None  # noqa: S101 - likewise
        self._config, self._problems = config, problems
        self._wrong = {problem.key for problem in problems}
        self._access: SlackCredentials = config.access
        self._settings: Settings = config.settings
        self._words = words
        self._clock = clock
        self._running = running or config.public_url
        transport = Transport(clock, self._access.api_url)
        self._client = SlackClient(self._access.bot_token.reveal(), self._access.api_url, transport, _TIMEOUT)

    def findings(self) -> Iterator[Finding]:
        """Run all checks, in the order in which an operator would fix what is wrong."""
        for problem in (*self._problems, *self._config.unknown):
            yield Finding(self._words(N_("Settings")), False, describe_problem(problem, self._words))
        yield from (finding for finding in self._check_all() if finding.what not in self._wrong)

    def _check_all(self) -> Iterator[Finding]:
        checks = DatabaseChecks(self._config, self._words, self._clock)
        if DATABASE_KEY in self._wrong:
            yield from checks.check_reach()
        else:
            yield from checks.findings()
        yield self._contacts()
        yield self._pictures()
        if any(key.startswith("SLACK_") for key in self._wrong):
            says = N_("Not asked, because a setting of Slack is wrong.")
            yield Finding("Slack", None, self._words(says))
            return
        us = yield from self._bot_token()
        yield from self._lines()
        yield from self._running_bot()
        if us:
            yield from self._channels(us)
            yield from self._user_group()
            yield from self._leads()

    def _bot_token(self) -> Generator[Finding, None, SlackResponse | None]:
        """Check the token, and return what Slack says about its owner; None where it does not take the token."""
        what = self._words(N_("Bot token"))
        answer, trouble = self._ask(self._client.auth_test)
        if answer is None:
            yield Finding(what, False, trouble)
            return None
        yield self._team(what, answer)
        yield self._scopes(answer)
        yield self._skew(answer)
        return answer

    def _team(self, what: str, answer: SlackResponse) -> Finding:
        teams = self._settings.teams
        if teams and answer["team_id"] not in teams:
            says = N_("It belongs to {team} ({id}), which CSP_TEAM_ID does not name.")
            return Finding(what, False, self._words(says, team=answer["team"], id=answer["team_id"]))
        says = N_("{user} in {team} ({id})")
        return Finding(what, True, self._words(says, user=answer["user"], team=answer["team"], id=answer["team_id"]))

    def _scopes(self, answer: SlackResponse) -> Finding:
        what = self._words(N_("Scopes"))
        header = header_of(answer, "x-oauth-scopes")
        if header is None:
            return Finding(what, None, self._words(N_("Slack did not say which are granted.")))
        missing = sorted(set(SCOPES) - {scope.strip() for scope in header.split(",")})
        if missing:
            says = N_("Missing: {scopes}. Update the app from csp-escalate manifest, and install it again.")
            return Finding(what, False, self._words(says, scopes=self._words.join_items(missing)))
        return Finding(what, True, self._words(N_("All {n} are granted."), n=len(SCOPES)))

    def _skew(self, answer: SlackResponse) -> Finding:
        what = self._words(N_("Clock"))
        slack = _date(header_of(answer, "date"))
        if slack is None:
            return Finding(what, None, self._words(N_("Slack did not say what time it is.")))
        seconds = (self._clock.now() - slack).total_seconds()
        if abs(seconds) > _MOST_SKEW:
            says = N_("It is {seconds} seconds off Slack's. Turn on time synchronisation (NTP).")
            return Finding(what, False, self._words(says, seconds=round(seconds)))
        return Finding(what, True, self._words(N_("It agrees with Slack's.")))

    def _lines(self) -> Iterator[Finding]:
        socket, signed = self._words(N_("Socket Mode")), self._words(N_("Signed HTTP"))
        token = self._access.app_token
        if token is None:
            yield Finding(socket, None, self._words(N_("SLACK_APP_TOKEN is not set; only needed without --http.")))
        else:
            params = {"token": token.reveal()}
            open_connection = partial(self._client.api_call, "apps.connections.open", params=params)
            answer, trouble = self._ask(open_connection, find=find_connection_error)
            yield Finding(
                socket,
                answer is not None,
                trouble or self._words(N_("Slack gives an address to connect to.")),
            )
        if self._access.signing_secret is None:
            says = self._words(N_("SLACK_SIGNING_SECRET is not set; only needed for --http."))
        else:
            says = self._words(N_("The signing secret is set; only Slack's first request can prove it."))
        yield Finding(signed, None, says)

    def _running_bot(self) -> Iterator[Finding]:
        """Check that the running bot is connected, and that Slack sends no requests to other connections of this app.

        Only the running bot knows that: a connection of our own would take a share of the requests.
        """
        words, what = self._words, self._words(N_("Other connections"))
        if not self._running:
            yield Finding(
                what, None, words(N_("Only the running bot knows: give its address with --health HOST:PORT."))
            )
            return
        url = self._running + HEALTH_PATH
        line = self._read_connection(url)
        if line is None:
            yield Finding(what, None, words(N_("{url} does not answer as the running bot does."), url=url))
            return
        if not line.get("ok"):
            says = N_("It is not connected to Slack, and tries again by itself. Its log says why.")
            yield Finding(words(N_("Running bot")), False, words(says))
            yield Finding(what, None, words(N_("Not known while the running bot is not connected.")))
            return
        yield Finding(words(N_("Running bot")), True, words(N_("It is connected to Slack.")))
        yield self._other_connections(what, line.get("other_connections", 0))

    def _other_connections(self, what: str, others: int) -> Finding:
        if not others:
            return Finding(what, True, self._words(N_("There are none.")))
        says = self._words.plural(
            "Slack counts {n} connection of this app that is not this bot's. Unless other replicas run, another "
            "program uses its token and takes a share of what people press: stop it.",
            "Slack counts {n} connections of this app that are not this bot's. Unless other replicas run, another "
            "program uses its token and takes a share of what people press: stop it.",
            others,
        )
        return Finding(what, None, says)

    def _read_connection(self, url: str) -> Mapping[str, Any] | None:
        """Return what a running bot says about its connection to Slack; None when it does not answer."""
        try:
            facts = json.loads(Transport(self._clock, url).get(url, _TIMEOUT).body)
        except (SlackRequestError, ValueError, RecursionError):
            return None
        line = facts.get("line") if isinstance(facts, dict) else None
        return line if isinstance(line, dict) else None

    def _channels(self, us: SlackResponse) -> Iterator[Finding]:
        for key, channel in (
            ("CSP_ESCALATION_CHANNEL", self._settings.escalation_channel),
            ("CSP_ONCALL_CHANNEL", self._settings.oncall_channel),
        ):
            if key in self._wrong:
                continue
            answer, trouble = self._ask(partial(self._client.conversations_info, channel=channel), key)
            yield self._channel(key, answer["channel"], us) if answer else Finding(key, False, trouble)

    def _channel(self, key: str, channel: dict[str, Any], us: SlackResponse) -> Finding:
        name = channel.get("name", channel.get("id"))
        if channel.get("is_archived"):
            says = N_("The channel #{name} is archived. Unarchive it, or name another channel in {key}.")
            return Finding(key, False, self._words(says, name=name, key=key))
        if not channel.get("is_member"):
            invite = f"/invite @{self._name_in_slack(us)}"
            says = self._words(N_("Invite the app to #{name}: {command}"), name=name, command=invite)
            return Finding(key, False, says, f"{invite}  (#{name})")
        if channel.get("is_ext_shared"):
            says = N_("#{name} is shared with another organisation, which will read every card.")
            return Finding(key, None, self._words(says, name=name))
        return Finding(key, True, f"#{name}")

    def _name_in_slack(self, us: SlackResponse) -> str:
        """Return what the app is called in Slack: the name of its manifest, or the one it was given later."""
        answer, _ = self._ask(partial(self._client.users_info, user=us["user_id"]))
        user = answer["user"] if answer else {}
        return str((user.get("profile") or {}).get("real_name") or us["user"])

    def _user_group(self) -> Iterator[Finding]:
        key, wanted = "CSP_ONCALL_USERGROUP", self._settings.oncall_usergroup
        if wanted is None:
            yield Finding(key, None, self._words(N_("Not set, and not needed.")))
            return
        answer, trouble = self._ask(lambda: self._client.usergroups_list(include_disabled=True))
        if answer is None:
            yield Finding(key, False, trouble)
            return
        group = next((group for group in answer["usergroups"] if group["id"] == wanted), None)
        if group is None:
            says = N_(
                "There is no user group {id}. Copy the ID (S…) from the user group in Slack into {key}, or leave that "
                "unset, and restart the bot."
            )
            yield Finding(key, False, self._words(says, id=wanted, key=key))
        elif group.get("date_delete"):
            yield Finding(
                key, False, self._words(N_("@{handle} is disabled. Enable it, or unset this."), handle=group["handle"])
            )
        else:
            yield Finding(key, True, f"@{group['handle']}")

    def _contacts(self) -> Finding:
        """Say where contacts of customers are shown. Either is fine; the operator must know."""
        shown = N_("Customers' contacts are shown in the threads of cases, to everybody in the escalation channel.")
        private = N_("Customers' contacts are shown privately only; yes shows them in the threads of cases.")
        says = shown if self._settings.contacts_in_threads else private
        return Finding(
            "CSP_CONTACTS_IN_THREADS", None if self._settings.contacts_in_threads else True, self._words(says)
        )

    def _pictures(self) -> Finding:
        """Check that pictures can show Chinese. Without a font, messages go without their picture."""
        what = self._words(N_("Pictures"))
        try:
            font = find_font()
        except NoFont:
            says = N_(
                "There is no font with Chinese, so pictures are missing. Install the extra fonts, or a system font."
            )
            return Finding(what, False, self._words(says), "apt install fonts-noto-cjk")
        return Finding(what, True, font.plain.name)

    def _leads(self) -> Iterator[Finding]:
        if not self._settings.leads:
            says = N_("No leads are named: only owners can correct their escalations.")
            yield Finding("CSP_LEADS", None, self._words(says))
        for lead in sorted(self._settings.leads):
            answer, trouble = self._ask(partial(self._client.users_info, user=lead), "CSP_LEADS")
            yield (self._lead(lead, answer["user"]) if answer else Finding("CSP_LEADS", False, f"{lead}: {trouble}"))

    def _lead(self, lead: str, user: dict[str, Any]) -> Finding:
        name = (user.get("profile") or {}).get("real_name") or user.get("name")
        if user.get("deleted") or user.get("is_bot") or user.get("is_restricted"):
            says = N_("{id} ({name}) is no full member and can't lead. Take the ID out of CSP_LEADS.")
            return Finding("CSP_LEADS", False, self._words(says, id=lead, name=name))
        return Finding("CSP_LEADS", True, f"{lead} ({name})")

    def _ask(
        self,
        call: Callable[[], SlackResponse],
        key: str = "",
        find: Callable[[str], SlackErrorWords | None] = find_error,
    ) -> tuple[SlackResponse | None, str]:
        """Return what Slack answers, or what is wrong.

        ``key`` is the setting that is asked about; ``find`` returns what an error means.
        """
        try:
            return call(), ""
        except SlackApiError as error:
            code = error_of(error)
            return None, self._explain(code, find(code), key)
        except SlackClientError as error:
            return None, self._words(_UNREACHABLE.get(str(error), _ELSE), why=str(error))

    def _explain(self, code: str, error: SlackErrorWords | None, key: str) -> str:
        words = self._words
        if code in _ADVICE:
            return words(_ADVICE[code], key=key)
        if error is None:
            return words(N_("Slack says: {code}"), code=code)
        return words.join_sentences([words(error.fact), words(error.step), say_instead(error, words, key)])


_UNREACHABLE = {
    "gaierror": N_("Slack can't be reached: its name was not found. Check the network, DNS and HTTPS_PROXY."),
    "ConnectionRefusedError": N_(
        "Slack can't be reached: the connection was refused. Check the network, the firewall and HTTPS_PROXY."
    ),
    "TimeoutError": N_(
        "Slack can't be reached: it did not answer in time. Check the network, the firewall and HTTPS_PROXY."
    ),
}
"""By the kind of network error."""
_ELSE = N_(
    "Slack can't be reached ({why}). Check the network, the firewall and HTTPS_PROXY; if these are right, Slack itself "
    "has trouble: try again later."
)
_ADVICE = {
    "user_not_found": N_(
        "There is no such person. Copy the member ID (U…) from their profile in Slack into {key}, or take the ID out, "
        "and restart the bot."
    ),
}


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None
