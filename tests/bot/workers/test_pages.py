"""The threads that send pages: a service that hangs holds back no page by another service."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.reach.channel import ChannelDriver, PageText
from bot.services import build_render_context
from bot.workers.pages import LOOKING, MOST_OF_ONE, PageWorker
from bot.workers.queue_worker import WakeUp
from handlers.notifications.pages import PageRenderer
from models.rules.outbox.delivery import LEASE
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageAnswer
from models.rules.reach.reach_plan import CHINA, ReachAddress
from models.rules.reach.reader import parse_reach
from models.store.database import Store
from tests.bot.stubs import PATIENCE, until
from tests.handlers.harness import SETTINGS
from tests.handlers.notifications.reach_duty import ACCEPTED, Phones, ReachDuty
from tests.handlers.rendering import WorkspaceDirectory
from tests.models.concurrent_writers import opened

CALLS = 10
FILE = "\n".join(
    [
        '[[person]]\nname = "bob"',
        *(
            f'[[person.address]]\nchannel = "hook"\nurl = "https://a.cn/call"\nsecret = "s"\nto = "{n}"'
            for n in range(CALLS)
        ),
        '[[person.address]]\nchannel = "wecom_bot"\nurl = "https://b.cn/bob"',
    ]
)


class HangingGateway:
    """A gateway that answers nothing until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self._asked: list[ReachAddress] = []

    @property
    def asked(self) -> int:
        return len(self._asked)

    def send(self, address: ReachAddress, _page: PageText) -> PageAnswer:
        self._asked.append(address)
        self.let_go.wait(PATIENCE)
        return ACCEPTED


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(f"sqlite:///{tmp_path / 'csp.db'}") as store:
        store.upgrade()
        yield store


def test_a_gateway_that_hangs_holds_back_no_other_service(store: Store) -> None:
    duty, gateway, phones = ReachDuty(store, parse_reach(FILE, CHINA)), HangingGateway(), Phones()
    drivers: dict[Channel, ChannelDriver] = {**dict.fromkeys(Channel, phones), Channel.HOOK: gateway}
    worker = PageWorker(duty.outbox, drivers, duty.pages, duty.clock, WakeUp())
    duty.raised("A")

    worker.start()
    until(lambda: len(phones.taken) == 1)  # ten calls are in front of it
    assert gateway.asked <= MOST_OF_ONE + LOOKING - 1

    gateway.let_go.set()
    until(lambda: gateway.asked == CALLS)
    assert worker.stop(PATIENCE)


def test_a_worker_that_was_suspended_sends_no_page_that_another_one_has_sent(store: Store) -> None:
    plan, phones = parse_reach(FILE, CHINA), Phones()
    duty = ReachDuty(store, plan)
    drivers: dict[Channel, ChannelDriver] = dict.fromkeys(Channel, phones)
    other = PageWorker(duty.outbox, drivers, duty.pages, duty.clock, WakeUp(), threads=0)

    def suspend(_user: str) -> None:
        duty.clock.at += LEASE
        while phones.taken == [] and other.work_once():
            duty.clock.at += timedelta(seconds=1)

    context = build_render_context(duty.repositories, WorkspaceDirectory(), duty.clock.now, SETTINGS)
    renderer = PageRenderer(context, duty.repositories.pages, plan, suspend)
    duty.raised("A")

    PageWorker(duty.outbox, drivers, renderer, duty.clock, WakeUp(), threads=0).work_once()

    assert len(phones.taken) == 1
