"""The door of signed HTTP with the real bot behind it: forgeries, replays and other workspaces change nothing."""

import pytest

from tests.end_to_end.world import World
from tests.handlers import payloads


def _acknowledge(team: str = "T0SANDBOX") -> dict[str, object]:
    acted = payloads.button("card.acknowledge", '{"n": 1, "v": 1}')
    return payloads.click("U0EMMA", "1.1", acted, team, url="")


@pytest.mark.parametrize(
    ("disguise", "answer"),
    [
        ({"bad_signature": True}, "http_401"), ({"timestamp_offset": -301}, "http_401"),
        ({"timestamp_offset": 120}, "http_401"), ({"headers": {"X-Slack-Signature": ""}}, "http_401"),
        ({"headers": {"X-Slack-Request-Timestamp": "abc"}}, "http_401"),
        ({"headers": {"X-Slack-Signature": "v1=00"}}, "http_401"),
    ],
    ids=["wrong secret", "too old", "from the future", "no signature", "no time", "another version"],
)  # fmt: skip
def test_a_forged_request_is_refused(by_http: World, disguise: dict[str, object], answer: str) -> None:
    assert by_http.slack.deliver("interactive", _acknowledge(), **disguise)[0]["error"] == answer
    assert by_http.escalation(1).version == 1


def test_a_replay_of_a_genuine_request_is_refused(by_http: World) -> None:
    number = by_http.raised()
    acks = by_http.slack.deliver("interactive", _note(number), times=2)
    assert [ack["error"] for ack in acks][1:] in (["http_401"], [""])  # the same second has the same signature
    assert by_http.escalation(number).version == 1


def test_another_workspace_is_refused_however_well_it_signs(by_http: World) -> None:
    assert by_http.slack.deliver("interactive", _acknowledge("T0OTHER"))[0]["ok"]
    assert by_http.escalation(1).version == 1


@pytest.mark.parametrize("user", ["U0TOM", "U0FAR"])
def test_guests_and_strangers_who_click_are_told_and_change_nothing(by_http: World, user: str) -> None:
    world, slack = by_http, by_http.slack
    slack.person("U0FAR", name="far", real_name="Far Away", team_id="T0OTHER", channels=["C0ESCAL"])
    slack.channel("C0ESCAL", join=["U0TOM", "U0FAR"])
    before = len(slack.ephemerals(user=user))
    assert world.as_(user).click(world.card(1), "card.acknowledge")["ok"]
    told = world.until(lambda: slack.ephemerals(user=user)[before:], "a sentence for them", stride=0)
    assert "workspace" in told[0]["text"]
    assert world.escalation(1).version == 1


def _note(number: int) -> dict[str, object]:
    acted = payloads.button("card.note", f'{{"n": {number}, "v": 1}}')
    return payloads.click("U0EMMA", "1.1", acted, url="")


@pytest.fixture(scope="module", autouse=True)
def one_escalation(by_http: World) -> None:
    """What all of these try to change."""
    by_http.raised()
