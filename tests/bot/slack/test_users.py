"""Who somebody is: asked at most every ten minutes, remembered for a day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.http_client.transport import Transport
from bot.sandbox import Sandbox
from bot.slack.client import SlackClient
from bot.slack.users import DefaultLocale, SlackUsers
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.rules.errors import SlackUnreachable
from models.store.database import Store
from tests.bot.stubs import Control, until
from tests.models.concurrent_writers import together

HOME = "T0SANDBOX"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A fresh SQLite file."""
    made = Store(f"sqlite:///{tmp_path / 'csp.db'}")
    made.upgrade()
    yield made
    made.dispose()


@pytest.fixture
def queries(store: Store) -> EscalationQueries:
    """What can be looked at in it."""
    return EscalationQueries(store)


class MovableClock(Clock):
    """A clock in the sandbox's time whose monotonic seconds can be moved forward too."""

    seconds_ahead = 0.0

    def monotonic(self) -> float:
        """Return the seconds of the machine, and those that it was moved forward."""
        return super().monotonic() + self.seconds_ahead


@pytest.fixture
def clock(slack: Sandbox) -> MovableClock:
    """The clock that everything in a test reads."""
    return MovableClock(slack.clock_file)


@pytest.fixture
def people(slack: Sandbox, store: Store, clock: MovableClock) -> Iterator[SlackUsers]:
    """People in a store, in the sandbox's time."""
    with _people(slack, store, clock) as made:
        yield made


@contextmanager
def _people(slack: Sandbox, store: Store, clock: Clock, *usual: DefaultLocale) -> Iterator[SlackUsers]:
    client = SlackClient(slack.bot_token, slack.api_url, Transport(clock, slack.api_url), 10)
    with ThreadPoolExecutor(1) as notes:
        yield SlackUsers(client, EscalationCommands(store), EscalationQueries(store), clock, notes, *usual)


def asked(control: Control) -> int:
    return len(control.calls("users.info"))


def test_slack_says_language_zone_and_rights(people: SlackUsers) -> None:
    lina, tom = people.person("U0LINA", HOME), people.person("U0TOM", HOME)
    assert (lina.team_id, lina.language, lina.is_guest) == (HOME, "zh_CN", False)
    assert (tom.language, tom.is_guest) == ("en", True)


def test_who_has_no_language_in_slack_gets_the_installations(
    slack: Sandbox, store: Store, clock: MovableClock, control: Control
) -> None:
    control.post("person", id="U0LINA", locale="")
    with _people(slack, store, clock, DefaultLocale("en-US", "Europe/London")) as people:
        met = people.person("U0LINA", HOME)

    assert (met.language, met.tz) == ("en", "Asia/Shanghai")


def test_many_requests_of_one_person_at_once_ask_once_who_that_is(people: SlackUsers, control: Control) -> None:
    control.post("settings", latency=1.0)
    crowd = ["U0EMMA", "U0LINA", "U0WANG"] * 10
    met = together([partial(_id_of, people, user) for user in crowd])
    homes = set(together([people.home_team] * len(crowd)))

    assert met == crowd
    assert asked(control) == 3
    assert homes == {HOME}
    assert len(control.calls("auth.test")) == 1


def _id_of(people: SlackUsers, user: str) -> str:
    return people.person(user, HOME).id


def test_when_slack_does_not_know_somebody_all_who_wait_hear_so(people: SlackUsers, control: Control) -> None:
    control.post("settings", latency=1.0)

    def is_refused() -> bool:
        with pytest.raises(SlackUnreachable):
            people.person("U0NOBODY", HOME)
        return True

    assert all(together([is_refused] * 10))
    assert asked(control) == 1
    assert people.person("U0EMMA", HOME).id == "U0EMMA"


def test_facts_are_asked_again_after_ten_minutes_only(people: SlackUsers, control: Control) -> None:
    people.person("U0EMMA", HOME)
    control.post("clock", advance=590)
    people.person("U0EMMA", HOME)
    assert asked(control) == 1
    control.post("person", id="U0EMMA", is_guest=True)
    control.post("clock", advance=20)
    assert people.person("U0EMMA", HOME).is_guest
    assert asked(control) == 2


def test_while_slack_is_silent_the_facts_of_a_day_serve_and_nobody_waits_twice(
    people: SlackUsers, control: Control
) -> None:
    emma = people.person("U0EMMA", HOME)
    control.post("fault", method="users.info", mode="http_503", times=-1)
    control.post("clock", advance=23 * 3600)
    assert people.person("U0EMMA", HOME) == emma
    assert people.person("U0EMMA", HOME) == emma
    assert asked(control) == 2
    control.post("clock", advance=2 * 3600)
    with pytest.raises(SlackUnreachable):
        people.person("U0EMMA", HOME)


def test_a_rate_limit_refuses_nobody_who_is_known_and_ends_to_the_second(
    people: SlackUsers, control: Control, clock: MovableClock
) -> None:
    emma = people.person("U0EMMA", HOME)
    control.post("clock", advance=25 * 3600)
    control.post("fault", method="users.info", mode="ratelimited", retry_after=300, times=1)

    assert people.person("U0EMMA", HOME) == emma
    with pytest.raises(SlackUnreachable):
        people.person("U0LINA", HOME)
    assert asked(control) == 2

    clock.seconds_ahead = 200.0
    with pytest.raises(SlackUnreachable):
        people.person("U0LINA", HOME)
    clock.seconds_ahead = 301.0
    assert people.person("U0LINA", HOME).language == "zh_CN"


def test_facts_of_a_minute_can_be_asked_for(people: SlackUsers, control: Control) -> None:
    people.person("U0EMMA", HOME)
    control.post("clock", advance=50)
    people.person("U0EMMA", HOME, MINUTE)
    assert asked(control) == 1

    control.post("person", id="U0EMMA", is_guest=True)
    control.post("clock", advance=20)
    assert people.person("U0EMMA", HOME, MINUTE).is_guest
    assert asked(control) == 2


def test_who_is_looked_up_is_known_to_have_left_at_once_and_to_be_back(
    people: SlackUsers, queries: EscalationQueries, control: Control, clock: MovableClock
) -> None:
    control.post("person", id="U0WANG", is_deleted=True)
    assert people.look_up("U0WANG")
    assert people.look_up("U0NOBODY")
    assert people.look_up("U0EMMA")
    assert [queries.has_left(user) for user in ("U0WANG", "U0NOBODY", "U0EMMA")] == [True, True, False]

    control.post("person", id="U0WANG", is_deleted=False)
    control.post("fault", method="users.info", mode="http_503")
    assert not people.look_up("U0WANG")
    assert not people.look_up("U0WANG")
    clock.seconds_ahead = 30.0
    assert people.look_up("U0WANG")
    assert not queries.has_left("U0WANG")


def test_a_change_that_slack_tells_of_is_taken_for_those_we_met(
    people: SlackUsers, queries: EscalationQueries, control: Control
) -> None:
    people.person("U0EMMA", HOME)
    told = {"id": "U0EMMA", "team_id": HOME, "deleted": True, "profile": {"display_name": "Emma C"}}

    people.changed(told)
    people.changed({**told, "id": "U0STRANGER"})

    until(lambda: queries.has_left("U0EMMA"))
    known = people.known("U0EMMA")
    assert known
    assert (known.name, known.language, known.is_deleted) == ("Emma C", "en", True)
    assert people.known("U0STRANGER") is None
    assert asked(control) == 1


def test_somebody_slack_does_not_know_is_never_let_through(people: SlackUsers) -> None:
    with pytest.raises(SlackUnreachable):
        people.person("U0NOBODY", HOME)


def test_somebody_is_met_before_they_are_first_written_to(people: SlackUsers, control: Control) -> None:
    people.meet("U0EMMA")
    people.meet("U0EMMA")

    met = people.known("U0EMMA")
    assert met is not None
    assert met.language == "en"
    assert asked(control) == 1


def test_while_slack_is_silent_nobody_is_met_and_nobody_is_unknown(people: SlackUsers, control: Control) -> None:
    control.post("fault", method="users.info", mode="http_503", times=-1)

    people.meet("U0EMMA")

    assert people.known("U0EMMA") is None
    assert not people.unknown("U0EMMA")


def test_whom_slack_knows_nothing_of_is_unknown(people: SlackUsers) -> None:
    assert people.unknown("U0NOBODY")
    assert not people.unknown("U0EMMA")


def test_a_stranger_keeps_the_team_slack_names(people: SlackUsers, control: Control) -> None:
    control.post("person", id="U0FAR", name="far", team_id="T0OTHER", channels=["C0ESCAL"])
    assert people.person("U0FAR", HOME).team_id == "T0OTHER"


def test_that_slack_does_not_say_whose_token_it_is_is_logged_once_for_each_cause_and_so_is_the_end(
    people: SlackUsers, control: Control, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for fault in ({"mode": "drop_before"}, {"mode": "ok_false", "error": "internal_error"}):
        control.post("fault", method="auth.test", times=3, **fault)
        for _ in range(3):
            people.warm_up()
    for _ in range(3):
        people.warm_up()

    told = [record.message for record in caplog.records if record.name == "bot.slack.users"]

    assert [text.partition("(")[2].partition(")")[0] for text in told[:-1]] == ["RemoteDisconnected", "internal_error"]
    assert told[-1] == "Slack has said now whose token this is"


def test_the_home_team_is_asked_once(people: SlackUsers, control: Control) -> None:
    control.post("fault", method="auth.test", mode="http_503")
    people.warm_up()
    assert [people.home_team(), people.home_team()] == [HOME, HOME]
    assert len(control.calls("auth.test")) == 2
