"""Topic and user group follow who is on, whatever Slack says: no message waits for them, what is wrong is told, and in
the end the last truth is there, set once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.sandbox import Options, Sandbox
from bot.sandbox.options import Settings as Knobs
from handlers.blocks import duty
from handlers.sending import Group, Sending, Topic
from handlers.words import Words
from models import outgoing
from models.delivery import Delivery, What
from models.outgoing import Owed
from models.store import Store
from tests.bot.stand_ins import Control, until
from tests.bot.test_outbox import House

ROOT = Path(__file__).parents[2]
ONCALL, GROUP = "C0ONCALL", "S0ONCALL"
WORDS = Words.of("en")


@dataclass
class Duty(House):
    """A house that also says who is on: ``names`` in the topic, ``users`` in the user group."""

    names: list[str] = field(default_factory=lambda: ["bob"])
    users: Sequence[str] = ("U0EMMA",)
    changes: int = 0

    def drawn(self, delivery: Delivery) -> Sending | None:  # type: ignore[override]
        if delivery.what is What.TOPIC:
            return Topic(ONCALL, lambda old: duty.topic(old, self.names, WORDS))
        if delivery.what is What.GROUP:
            return Group(GROUP, self.users)
        return super().drawn(delivery)

    def changed(self, names: list[str], users: Sequence[str], *what: What) -> None:
        """Somebody else is on."""
        self.names, self.users, self.changes = names, users, self.changes + 1
        kinds = what or (What.TOPIC, What.GROUP)
        owed = [Owed(one, f"duty/{self.changes}/{one}", "duty", str(one), ONCALL) for one in kinds]
        self.store.write(lambda c: outgoing.tell(c, owed, self.clock.now()))
        self.bell.ring()

    @property
    def topic(self) -> str:
        channels = self.control.get("state?only=channels")["channels"]
        return str(next(one for one in channels if one["id"] == ONCALL).get("topic") or "")

    @property
    def group(self) -> set[str]:
        groups = self.control.get("state?only=usergroups")["usergroups"]
        return set(next(one for one in groups if one["id"] == GROUP)["users"])

    def set_topic(self, text: str) -> None:
        """As a person does in Slack."""
        assert self.post()._client.api_call("conversations.setTopic", json={"channel": ONCALL, "topic": text})["ok"]

    def told(self) -> list[str]:
        """What was said in the on-call channel."""
        return [one["text"] for one in self.control.messages(ONCALL) if one.get("subtype") != "channel_topic"]

    def topics_set(self) -> list[str]:
        return [one["topic"] for one in self.control.messages(ONCALL) if one.get("topic")]


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    """A local Slack with the app's own manifest."""
    with Sandbox(Options(manifest=ROOT / "manifest.yml", settings=Knobs(rate_scale=10.0))) as sandbox:
        yield sandbox


@pytest.fixture
def house(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[Duty]:
    """A duty on a fresh SQLite file."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", patience=5.0)
    store.upgrade()
    made = Duty(slack, control, store, Clock(slack.clock_file))
    made.set_topic("")
    yield made
    store.dispose()


def test_both_follow_who_is_on_and_nothing_is_set_that_is_so_already(house: Duty) -> None:
    with house.working():
        house.changed(["bob"], ["U0EMMA"])
        house.settle_down()
        house.changed(["bob"], ["U0EMMA"])
        house.settle_down()

    assert (house.topic, house.group) == ("⟦On call: bob⟧", {"U0EMMA"})
    assert len(house.topics_set()) == 1
    assert len(house.control.calls("usergroups.users.update")) == 1


REFUSALS: list[tuple[str, str]] = [
    ("conversations.info", "missing_scope"),
    ("conversations.setTopic", "restricted_action"),
    ("conversations.info", "channel_not_found"),
    ("conversations.setTopic", "is_archived"),
    ("usergroups.users.list", "no_such_subteam"),
    ("usergroups.users.update", "missing_scope"),
    ("usergroups.users.update", "permission_denied"),
    ("usergroups.users.update", "invalid_users"),
]


@pytest.mark.parametrize(("method", "error"), REFUSALS)
def test_a_refusal_is_told_harms_no_message_and_is_made_up_for_with_the_newest_truth(
    house: Duty, method: str, error: str
) -> None:
    house.control.post("fault", method=method, mode="ok_false", error=error, times=-1)
    with house.working() as worker:
        house.changed(["bob"], ["U0EMMA"])
        until(lambda: [one for one in house.told() if error in one])
        assert ("topic" if method.startswith("conv") else "group") in house.told()[0]
        assert worker.refused == ""
        house.raised()
        until(lambda: house.cards() and house.receipts())

        house.changed(["ann"], ["U0WANG"])
        house.control.clear_faults()
        house.settle_down()

    assert (house.topic, house.group) == ("⟦On call: ann⟧", {"U0WANG"})
    assert house.topics_set()[-1:] == ["⟦On call: ann⟧"]
    assert house.topics_set().count("⟦On call: ann⟧") == 1
    assert house.outbox.counts() == {}


def test_a_rate_limit_is_waited_out_and_the_last_truth_set_once(house: Duty) -> None:
    for method in ("conversations.setTopic", "usergroups.users.update"):
        house.control.post("fault", method=method, mode="ratelimited", retry_after=120)
    with house.working():
        house.changed(["bob"], ["U0EMMA"])
        until(lambda: len(house.control.calls("usergroups.users.update")) == 1)
        until(lambda: len(house.control.calls("conversations.setTopic")) == 2)  # the first is this test's own
        house.changed(["ann"], ["U0LINA"])
        house.settle_down()

    assert house.topics_set() == ["⟦On call: ann⟧"]
    assert house.group == {"U0LINA"}
    assert len(house.control.calls("usergroups.users.update")) == 2


@pytest.mark.parametrize("mode", ["http_503", "drop_before"])
def test_after_an_outage_the_last_truth_is_set_once(house: Duty, mode: str) -> None:
    house.control.post("fault", method="*", mode=mode, times=-1)
    with house.working():
        for n, name in enumerate(("bob", "cid", "ann")):
            house.changed([name], ["U0EMMA" if n % 2 else "U0WANG"])
            house.later(3600)
        until(lambda: house.control.calls("usergroups.users.list") and house.control.calls("conversations.info"))
        house.control.clear_faults()
        house.settle_down()

    assert house.topics_set() == ["⟦On call: ann⟧"]
    assert house.group == {"U0WANG"}
    assert house.outbox.counts() == {}


def test_one_who_has_left_keeps_neither_the_others_out_nor_yesterdays_people_in(house: Duty) -> None:
    house.control.post("person", id="U0WANG", is_deleted=True)
    with house.working():
        house.changed(["ann"], ["U0LINA"], What.GROUP)
        house.settle_down()
        house.changed(["bob"], ["U0WANG", "U0NOBODY", "U0EMMA"], What.GROUP)
        house.settle_down()

    assert house.group == {"U0EMMA"}
    assert house.told() == []


def test_a_group_that_is_switched_off_is_told_and_filled_when_it_is_back(house: Duty) -> None:
    house.control.post("usergroup", id=GROUP, enabled=False)
    with house.working():
        house.changed(["bob"], ["U0EMMA"], What.GROUP)
        until(lambda: [one for one in house.told() if "no_such_subteam" in one])
        house.control.post("usergroup", id=GROUP, enabled=True)
        house.settle_down()

    assert house.group == {"U0EMMA"}


def test_an_empty_group_is_refused_by_slack_and_leaves_it_as_it_was(house: Duty) -> None:
    with house.working():
        house.changed(["bob"], ["U0EMMA"], What.GROUP)
        house.settle_down()
        before = house.group
        house.changed([], [], What.GROUP)
        until(lambda: [one for one in house.told() if "no_users_provided" in one])
        assert house.group == before
        house.changed(["ann"], ["U0WANG"], What.GROUP)
        house.settle_down()

    assert house.group == {"U0WANG"}


# Peoples' own words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 100, 128, 129, 200, 228, 229, 230, 249, 250])
def test_peoples_words_stay_whole_through_any_number_of_changes(length: int) -> None:
    theirs = ("Ask here first 先看置顶 " * 20)[:length].strip()
    topic = theirs
    for names in (["王伟 Wang Wei", "Emma"], ["x" * 300], [], ["⟦a⟧", "b"], ["王" * 90]) * 3:
        topic = duty.topic(topic, names, WORDS)
        assert len(topic) <= 250
        assert topic.startswith(theirs)
        assert duty.topic(topic, names, WORDS) == topic


def test_peoples_words_are_kept_between_runs_in_slack_itself(house: Duty) -> None:
    theirs = "Read the pinned page first. " * 8
    with house.working():
        house.set_topic(theirs.strip())
        house.changed(["x" * 100], ["U0EMMA"], What.TOPIC)
        house.settle_down()
        assert len(house.topic) <= 250
    with house.working():  # another run
        house.changed(["ann"], ["U0EMMA"], What.TOPIC)
        house.settle_down()
        assert house.topic == f"{theirs.strip()} ⟦On call: ann⟧"
        house.set_topic("New words ⟦On call: ann⟧ and more")
        house.changed(["bob"], ["U0EMMA"], What.TOPIC)
        house.settle_down()

    assert house.topic == "New words and more ⟦On call: bob⟧"
