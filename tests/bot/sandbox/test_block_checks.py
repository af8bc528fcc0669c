"""``doctor --blocks``: each drawn sample is shown to the strict local Slack, and what it refuses is told in words."""

from collections.abc import Mapping
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot import environment
from bot.block_checks import MOST_NAMED, BlockChecks
from bot.clock import Clock
from bot.config import Config, Requirement
from bot.http_client.transport import Transport
from bot.sandbox import Sandbox
from bot.slack.client import SlackClient
from handlers.blocks.samples import draw_samples
from handlers.i18n.words import Words
from models.rules.policy.reader import load_packaged
from tests.bot.sandbox.conftest import section


def settings(sandbox: Sandbox) -> Config:
    return environment.read(Requirement.SLACK, None, {**sandbox.env, "DATABASE_URL": "sqlite:///x.db"})


def asking(config: Config) -> SlackClient:
    assert config.access is not None
    return SlackClient(
        config.access.bot_token.reveal(), config.access.api_url, Transport(Clock(), config.access.api_url), 10
    )


def test_slack_takes_every_sample(sandbox: Sandbox) -> None:
    config = settings(sandbox)
    samples = draw_samples(Words.of("both"), load_packaged(), Words.of("en"))

    findings = list(BlockChecks(asking(config), Words.of("en"), lambda _: None).findings(samples))

    assert {finding.says for finding in findings} == {"Slack takes it."}
    assert len(findings) > 50
    assert findings[0].what == "card, Customer request, Open"


class Refusing(SlackClient):
    """A Slack that is asked for patience first, and then refuses."""

    def __init__(self, config: Config) -> None:
        assert config.access is not None
        super().__init__("xoxb-x", config.access.api_url, Transport(Clock(), config.access.api_url), 10)
        self.answers: list[Mapping[str, Any]] = [{"error": "ratelimited"}]

    def api_call(self, *_: Any, **__: Any) -> Any:
        """Refuse."""
        problems = [{"pointer": f"/{n}/text", "code": "failed_constraint", "message": "too long"} for n in range(9)]
        answer = self.answers.pop(0) if self.answers else {"error": "invalid_blocks", "errors": problems}
        content = {"ok": False, **answer}
        said = SlackResponse(
            client=self, http_verb="POST", api_url="", req_args={}, data=content, headers={"Retry-After": "7"},
            status_code=200,
        )  # fmt: skip
        raise SlackApiError("no", said)  # type: ignore[no-untyped-call]  # the SDK's


def test_a_refused_sample_is_told_with_the_place_of_each_problem(
    sandbox: Sandbox,
) -> None:
    waits: list[float] = []
    config = settings(sandbox)
    samples = draw_samples(Words.of("en"), load_packaged(), Words.of("en"))

    finding = next(BlockChecks(Refusing(config), Words.of("en"), waits.append).findings(samples))

    assert (finding.fine, finding.says) == (False, ", ".join(f"too long (/{n}/text)" for n in range(MOST_NAMED)))
    assert waits == [7]


@pytest.mark.parametrize(
    ("payload", "error", "pointer"),
    [
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks", "/blocks/0/type"),
        ({"view": {"type": "modal", "blocks": []}}, "invalid_view", "/view"),
        ({"message": {"blocks": [section("x" * 3001)]}}, "invalid_message", "/blocks/0/text/text"),
    ],
)
def test_the_local_slack_names_the_place_of_a_problem(
    client: WebClient, payload: dict[str, Any], error: str, pointer: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.api_call("blocks.validate", json=payload)

    assert refused.value.response["error"] == error
    assert refused.value.response["errors"][0]["pointer"] == pointer


def test_exactly_one_thing_is_validated(client: WebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.api_call("blocks.validate", json={"blocks": [section("a")], "message": {"blocks": []}})
    assert client.api_call("blocks.validate", json={"blocks": [section("a")]})["ok"]
