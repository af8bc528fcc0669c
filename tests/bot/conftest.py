"""A sandbox or the log of this process, for each test that asks for it."""

import io
import logging
from collections.abc import Iterator

import pytest

from bot import logs
from bot.sandbox import Sandbox, SandboxOptions
from bot.sandbox.options import SandboxSettings
from tests.bot.signed_requests import SECRET
from tests.bot.stubs import MANIFEST, Control
from tests.slack_driver import ACK_SECONDS


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    """A local Slack that redelivers events at once and paces posts ten times as fast as the real one."""
    settings = SandboxSettings(rate_scale=10.0, ack_seconds=ACK_SECONDS)
    with Sandbox(SandboxOptions(manifest=MANIFEST, settings=settings)) as sandbox:
        yield sandbox


@pytest.fixture
def control(slack: Sandbox) -> Control:
    """The hand that moves the people and the faults of the sandbox."""
    return Control(slack.base_url)


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """The log of this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.set_up([SECRET], stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = True
    logging.captureWarnings(False)
