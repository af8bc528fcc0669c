"""The auditor notices what it is there for: each of these worlds is broken on purpose."""

from collections.abc import Mapping
from typing import Any

from bot.http_client.transport import HttpResponse
from bot.simulation.outbound import Outbound
from tests.bot.simulation.conftest import Live, broken

DAYS = 1


def _text(body: bytes) -> str:
    return body.decode()


class Losing(Outbound):
    """A Slack that says it took every reminder of a shift, and shows none of them."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:
        if url.endswith("chat.postMessage") and b"\\ud83d\\udd14" in body:  # the bell of a shift's reminder
            return HttpResponse(200, {}, b'{"ok": true, "channel": "C0ONCALL", "ts": "1.000001"}')
        return super().post(url, body, headers, timeout)


class Doubling(Outbound):
    """A line on which every reminder of a shift arrives twice."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:
        if url.endswith("chat.postMessage") and b"\\ud83d\\udd14" in body:
            super().post(url, body, headers, timeout)
        return super().post(url, body, headers, timeout)


class Hushing(Outbound):
    """A Slack that shows nothing of gaps, and answers as if it did."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> HttpResponse:
        if url.endswith("chat.postMessage") and any(sign in body for sign in GAP_SIGNS):
            return HttpResponse(200, {}, b'{"ok": true, "channel": "C0ONCALL", "ts": "1.000001"}')
        return super().post(url, body, headers, timeout)


GAP_SIGNS = (b"rota.take", b"\\ud83d\\udd73", b"\\u23f3", b"\\ud83d\\udea8", b"\\u26ab", b"far ahead")


def _promises(world: Any) -> set[str]:
    return {one.promise for one in broken(world)}


def test_a_lost_reminder_is_noticed(live: Live) -> None:
    assert "a reminder is missing" in _promises(live(3, DAYS, outbound=Losing, fault_rate=0.01))


def test_a_doubled_reminder_is_noticed(live: Live) -> None:
    assert "sent twice" in _promises(live(3, DAYS, outbound=Doubling, fault_rate=0.01))


def test_a_gap_nobody_heard_of_is_noticed(live: Live) -> None:
    assert "a gap was not reported" in _promises(live(3, DAYS / 2, outbound=Hushing, fault_rate=0.01))


def test_the_same_weather_without_any_breaking_breaks_no_promise(live: Live) -> None:
    assert not _promises(live(3, DAYS, fault_rate=0.01))


def test_the_same_seed_makes_the_same_days(live: Live) -> None:
    one, other = live(11, 2), live(11, 2)

    assert list(one.event_log.entries) == list(other.event_log.entries)
