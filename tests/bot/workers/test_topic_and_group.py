"""Topic and user group follow who is on, whatever Slack says: no message waits for them, what is wrong is told, and in
the end the last truth is there, set once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.clock import Clock
from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.options import SandboxSettings as Knobs
from bot.slack.user_group import UserGroup
from bot.workers.group_check import GroupCheck
from handlers.blocks import on_call
from handlers.i18n.words import Words
from handlers.notifications.message import Sending, TopicUpdate, UserGroupUpdate
from models.outbox import messages
from models.outbox.messages import OutgoingMessage
from models.rules.outbox.delivery import Delivery
from models.rules.outbox.message_kinds import MessageKind
from models.store.database import Store
from tests.bot.stubs import Control, until
from tests.bot.workers.test_member_lookup import AtOnce
from tests.bot.workers.test_outbox import OutboxSetup
from tests.bot.workers.test_reminders import Hand

ROOT = Path(__file__).parents[3]
ONCALL, GROUP = "C0ONCALL", "S0ONCALL"
WORDS = Words.of("en")


@dataclass
class Duty(OutboxSetup):
    """An outbox that also shows who is on call: ``names`` in the topic, ``users`` in the user group."""

    names: list[str] = field(default_factory=lambda: ["bob"])
    users: Sequence[str] = ("U0EMMA",)
    changes: int = 0

    def drawn(self, delivery: Delivery) -> Sending | None:  # type: ignore[override]
        if delivery.what is MessageKind.TOPIC:
            return TopicUpdate(ONCALL, lambda old: on_call.new_topic(old, self.names, WORDS))
        if delivery.what is MessageKind.GROUP:
            return UserGroupUpdate(GROUP, self.users)
        return super().drawn(delivery)

    def changed(self, names: list[str], users: Sequence[str], *what: MessageKind) -> None:
        """Somebody else is on."""
        self.names, self.users, self.changes = names, users, self.changes + 1
        kinds = what or (MessageKind.TOPIC, MessageKind.GROUP)
        owed = [OutgoingMessage(kind, f"duty/{self.changes}/{kind}", "duty", str(kind), ONCALL) for kind in kinds]
        self.store.write(lambda c: messages.enqueue_messages(c, owed, self.clock.now()))
        self.wake_up.notify()

    @property
    def topic(self) -> str:
        channels = self.control.get("state?only=channels")["channels"]
        return str(next(channel for channel in channels if channel["id"] == ONCALL).get("topic") or "")

    @property
    def group(self) -> set[str]:
        groups = self.control.get("state?only=usergroups")["usergroups"]
        return set(next(group for group in groups if group["id"] == GROUP)["users"])

    def set_topic(self, text: str) -> None:
        """As a person does in Slack."""
        assert self.post()._client.api_call("conversations.setTopic", json={"channel": ONCALL, "topic": text})["ok"]

    def check(self) -> tuple[GroupCheck, Hand]:
        """What looks at the group every two minutes, by a clock that is moved by hand."""
        client, clock = self.post()._client, Hand()
        return GroupCheck(
            self.outbox, UserGroup(client, GROUP), lambda: "U0BOT", clock, AtOnce(), self.wake_up.notify
        ), clock

    def told(self) -> list[str]:
        """What was said in the on-call channel."""
        return [
            message["text"] for message in self.control.messages(ONCALL) if message.get("subtype") != "channel_topic"
        ]

    def topics_set(self) -> list[str]:
        return [message["topic"] for message in self.control.messages(ONCALL) if message.get("topic")]


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    """A local Slack with the app's own manifest."""
    with Sandbox(SandboxOptions(manifest=ROOT / "manifest.yml", settings=Knobs(rate_scale=10.0))) as sandbox:
        yield sandbox


@pytest.fixture
def services(slack: Sandbox, control: Control, tmp_path: Path) -> Iterator[Duty]:
    """A duty on a fresh SQLite file."""
    store = Store(f"sqlite:///{tmp_path / 'csp.db'}", timeout=5.0)
    store.upgrade()
    made = Duty(slack, control, store, Clock(slack.clock_file))
    made.set_topic("")
    yield made
    store.dispose()


def test_a_worker_that_was_suspended_does_not_set_what_was_true_before(services: Duty) -> None:
    def suspended(delivery: Delivery) -> Sending | None:
        """Draw who is on, and let another worker set who is on next before this one goes on."""
        before = TopicUpdate(ONCALL, lambda old: on_call.new_topic(old, ["bob"], WORDS))
        services.render = None
        services.changed(["emma"], ["U0EMMA"], MessageKind.TOPIC)
        services.later(61)
        with services.working():
            services.settle_down()
        return before

    services.changed(["bob"], ["U0EMMA"], MessageKind.TOPIC)
    services.render = suspended  # type: ignore[assignment]

    services.worker().work_once()

    assert "emma" in services.topic
    assert "bob" not in services.topic


def test_both_follow_who_is_on_and_nothing_is_set_that_is_so_already(services: Duty) -> None:
    with services.working():
        services.changed(["bob"], ["U0EMMA"])
        services.settle_down()
        services.changed(["bob"], ["U0EMMA"])
        services.settle_down()

    assert (services.topic, services.group) == ("⟦On call: bob⟧", {"U0EMMA"})
    assert len(services.topics_set()) == 1
    assert len(services.control.calls("usergroups.users.update")) == 1


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
    services: Duty, method: str, error: str
) -> None:
    services.control.post("fault", method=method, mode="ok_false", error=error, times=-1)
    with services.working() as worker:
        services.changed(["bob"], ["U0EMMA"])
        until(lambda: [one for one in services.told() if error in one])
        assert ("topic" if method.startswith("conv") else "group") in services.told()[0]
        assert "be delivered" not in services.told()[0]
        assert worker.refused == ""
        services.raised()
        until(lambda: services.cards() and services.receipts())

        services.changed(["ann"], ["U0WANG"])
        services.control.clear_faults()
        services.settle_down()

    assert (services.topic, services.group) == ("⟦On call: ann⟧", {"U0WANG"})
    assert services.topics_set()[-1:] == ["⟦On call: ann⟧"]
    assert services.topics_set().count("⟦On call: ann⟧") == 1
    assert services.outbox.counts() == {}


def test_a_rate_limit_is_waited_out_and_the_last_truth_set_once(services: Duty) -> None:
    for method in ("conversations.setTopic", "usergroups.users.update"):
        services.control.post("fault", method=method, mode="ratelimited", retry_after=120)
    with services.working():
        services.changed(["bob"], ["U0EMMA"])
        until(lambda: len(services.control.calls("usergroups.users.update")) == 1)
        until(lambda: len(services.control.calls("conversations.setTopic")) == 2)  # the first is this test's own
        services.changed(["ann"], ["U0LINA"])
        services.settle_down()

    assert services.topics_set() == ["⟦On call: ann⟧"]
    assert services.group == {"U0LINA"}
    assert len(services.control.calls("usergroups.users.update")) == 2


@pytest.mark.parametrize("mode", ["http_503", "drop_before"])
def test_after_an_outage_the_last_truth_is_set_once(services: Duty, mode: str) -> None:
    services.control.post("fault", method="*", mode=mode, times=-1)
    with services.working():
        for n, name in enumerate(("bob", "cid", "ann")):
            services.changed([name], ["U0EMMA" if n % 2 else "U0WANG"])
            services.later(3600)
        until(lambda: services.control.calls("usergroups.users.list") and services.control.calls("conversations.info"))
        services.control.clear_faults()
        services.settle_down()

    assert services.topics_set() == ["⟦On call: ann⟧"]
    assert services.group == {"U0WANG"}
    assert services.outbox.counts() == {}


def test_one_who_has_left_keeps_neither_the_others_out_nor_yesterdays_people_in(services: Duty) -> None:
    services.control.post("person", id="U0WANG", is_deleted=True)
    with services.working():
        services.changed(["ann"], ["U0LINA"], MessageKind.GROUP)
        services.settle_down()
        services.changed(["bob"], ["U0WANG", "U0NOBODY", "U0EMMA"], MessageKind.GROUP)
        services.settle_down()

    assert services.group == {"U0EMMA"}
    assert services.told() == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"is_guest": True, "is_single_channel_guest": True}, "is a guest and can't be in it"),
        ({"is_guest": True}, "is a guest and can't be in it"),
        ({"is_bot": True}, "is an app and can't be in it"),
        ({"team_id": "T0OTHER"}, "belongs to another organisation and can't be in it"),
    ],
    ids=["guest of one channel", "guest of several", "bot", "stranger"],
)
def test_who_cant_be_in_it_is_told_of_once_with_why_and_all_others_are_in_it(
    services: Duty, facts: dict[str, Any], said: str
) -> None:
    services.control.post("person", id="U0HARD", name="hard", **facts)
    with services.working():
        services.changed(["hard", "ann"], ["U0HARD", "U0LINA", "U0NOBODY"], MessageKind.GROUP)
        services.settle_down()
        services.changed(["hard", "bob"], ["U0HARD", "U0EMMA"], MessageKind.GROUP)
        services.settle_down()

    assert services.group == {"U0EMMA"}
    (told,) = services.told()
    assert said in told
    assert "<@U0HARD>" in told


def test_whom_slack_refuses_without_a_reason_is_found_one_by_one(services: Duty) -> None:
    slack = Picky({"U0ODD"})

    filled = UserGroup(slack, "S0ONCALL").fill(["U0ANN", "U0ODD", "U0BOB"])  # type: ignore[arg-type]

    assert (filled.members, filled.left_out) == (("U0ANN", "U0BOB"), {"U0ODD": "failed_for_some_users"})
    assert slack.members == ["U0ANN", "U0BOB"]


class Picky:
    """A Slack that refuses lists with some people in them, of whom it says nothing special."""

    def __init__(self, refused: set[str]) -> None:
        self.refused, self.members = refused, ["U0WANG"]

    def api_call(self, method: str, **more: Any) -> dict[str, Any]:
        if method == "usergroups.users.update":
            wanted = more["json"]["users"].split(",")
            if self.refused & set(wanted):
                raise SlackApiError("no", {"ok": False, "error": "failed_for_some_users"})  # type: ignore[no-untyped-call]
            self.members = wanted
        return {"ok": True, "users": self.members}

    def users_info(self, user: str) -> dict[str, Any]:
        return {"ok": True, "user": {"id": user}}


def test_where_only_some_may_edit_groups_the_remedy_is_told(services: Duty) -> None:
    services.control.post("settings", closed_groups=True)
    with services.working():
        services.changed(["bob"], ["U0EMMA"], MessageKind.GROUP)
        until(services.told)
        services.control.post("settings", closed_groups=False)
        services.settle_down()

    assert "Allow everyone to edit groups in the workspace settings" in services.told()[0]
    assert services.group == {"U0EMMA"}


def test_a_group_edited_by_hand_is_set_right_and_said_once(services: Duty) -> None:
    check, clock = services.check()
    with services.working():
        services.changed(["bob"], ["U0EMMA"], MessageKind.GROUP)
        services.settle_down()
        for _ in range(2):
            services.control.post("usergroup", id=GROUP, users=["U0TOM", "U0WANG"], updated_by="U0LINA")
            clock.run(121)
            check.tick()
            until(lambda: services.group == {"U0EMMA"})
            services.settle_down()
        clock.run(121)
        check.tick()

    (told,) = services.told()
    assert told.startswith("The on-call user group was changed by hand (<@U0LINA>).")


def test_a_change_of_ours_that_took_effect_late_is_set_right_and_nothing_said(services: Duty) -> None:
    fault = {"mode": "late_commit", "seconds": 300}
    check, clock = services.check()
    with services.working():
        services.control.post("fault", method="usergroups.users.update", **fault)
        services.changed(["bob"], ["U0EMMA"], MessageKind.GROUP)
        until(lambda: services.control.calls("usergroups.users.update"))
        services.changed(["ann"], ["U0LINA"], MessageKind.GROUP)
        services.settle_down()
        assert services.group == {"U0LINA"}
        services.later(300)
        until(lambda: services.group == {"U0EMMA"})
        clock.run(121)
        check.tick()
        until(lambda: services.group == {"U0LINA"})

    assert services.told() == []


def test_a_group_that_is_switched_off_is_told_and_filled_when_it_is_back(services: Duty) -> None:
    services.control.post("usergroup", id=GROUP, enabled=False)
    with services.working():
        services.changed(["bob"], ["U0EMMA"], MessageKind.GROUP)
        until(lambda: [one for one in services.told() if "no_such_subteam" in one])
        services.control.post("usergroup", id=GROUP, enabled=True)
        services.settle_down()

    assert services.group == {"U0EMMA"}


def test_an_empty_group_is_refused_by_slack_and_leaves_it_as_it_was(services: Duty) -> None:
    with services.working():
        services.changed(["bob"], ["U0EMMA"], MessageKind.GROUP)
        services.settle_down()
        before = services.group
        services.changed([], [], MessageKind.GROUP)
        until(lambda: [one for one in services.told() if "no_users_provided" in one])
        assert services.group == before
        services.changed(["ann"], ["U0WANG"], MessageKind.GROUP)
        services.settle_down()

    assert services.group == {"U0WANG"}


# Peoples' own words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, 100, 128, 129, 200, 228, 229, 230, 249, 250])
def test_peoples_words_stay_whole_through_any_number_of_changes(length: int) -> None:
    theirs = ("Ask here first 先看置顶 " * 20)[:length].strip()
    topic = theirs
    for names in (["王伟 Wang Wei", "Emma"], ["x" * 300], [], ["⟦a⟧", "b"], ["王" * 90]) * 3:
        topic = on_call.new_topic(topic, names, WORDS)
        assert len(topic) <= 250
        assert topic.startswith(theirs)
        assert on_call.new_topic(topic, names, WORDS) == topic


def test_peoples_words_are_kept_between_runs_in_slack_itself(services: Duty) -> None:
    theirs = "Read the pinned page first. " * 8
    with services.working():
        services.set_topic(theirs.strip())
        services.changed(["x" * 100], ["U0EMMA"], MessageKind.TOPIC)
        services.settle_down()
        assert len(services.topic) <= 250
    with services.working():  # another run
        services.changed(["ann"], ["U0EMMA"], MessageKind.TOPIC)
        services.settle_down()
        assert services.topic == f"{theirs.strip()} ⟦On call: ann⟧"
        services.set_topic("New words ⟦On call: ann⟧ and more")
        services.changed(["bob"], ["U0EMMA"], MessageKind.TOPIC)
        services.settle_down()

    assert services.topic == "New words and more ⟦On call: bob⟧"
