"""The app of Feishu in the sandbox keeps the rules of the real one: tokens, ids, repeats, limits and the quota."""

import json
from typing import Any

import pytest

from bot.sandbox.access_tokens import LIFETIME
from bot.sandbox.feishu_tenant import APP_ID, APP_SECRET, MOST_BYTES, RENEWED_BEFORE, FeishuCall, FeishuTenant
from bot.sandbox.usage_limits import HOUR, MINUTE

Json = dict[str, Any]
LINA, EMMA = "ou_LINA", "ou_EMMA"


class HeldTenant(FeishuTenant):
    """A tenant with two people, whose clock a test moves."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0
        self.shown: list[tuple[str, str, str]] = []
        super().__init__(lambda: self.at, {"LINA", "EMMA"}.__contains__, lambda *seen: self.shown.append(seen))
        self.token = self.ask_token()

    def ask_token(self) -> str:
        return str(self.give_token({"app_id": APP_ID, "app_secret": APP_SECRET})[1]["tenant_access_token"])

    def text(self, to: str = LINA, uuid: str = "", size: int = 100, **changes: Any) -> tuple[int, Json]:
        """Write one message; the answer."""
        body = {"receive_id": to, "msg_type": "text", "content": json.dumps({"text": "CSP-7"}), "uuid": uuid} | changes
        return self.write(FeishuCall(self.token, {"receive_id_type": "open_id"}, body, size))

    def sent(self, to: str = LINA) -> str:
        return str(self.text(to)[1]["data"]["message_id"])

    def call(self, message: str, people: object, urgent: str = "urgent_phone") -> tuple[int, Json]:
        query = {"message": message, "urgent": urgent, "user_id_type": "open_id"}
        return self.ring(FeishuCall(self.token, query, {"user_id_list": people}, 60))


@pytest.fixture
def feishu() -> HeldTenant:
    return HeldTenant()


def code(answer: tuple[int, Json]) -> tuple[int, int]:
    """The status and the code of an answer."""
    return answer[0], answer[1]["code"]


def test_a_token_is_the_same_until_half_an_hour_before_its_end_and_both_are_valid_then(feishu: HeldTenant) -> None:
    feishu.at += LIFETIME - RENEWED_BEFORE - 1
    same = feishu.ask_token()
    feishu.at += 2

    assert same == feishu.token
    assert feishu.ask_token() != feishu.token
    assert code(feishu.text()) == (200, 0)
    feishu.at += RENEWED_BEFORE
    assert code(feishu.text()) == (400, 99991663)


def test_a_call_without_a_token_and_a_wrong_secret_are_refused(feishu: HeldTenant) -> None:
    feishu.token = ""

    assert code(feishu.text()) == (400, 99991661)
    assert code(feishu.give_token({"app_id": APP_ID, "app_secret": "wrong"})) == (200, 10014)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"to": "LINA"}, 99992351), ({"to": "ou_NOBODY"}, 99992351), ({"uuid": "x" * 51}, 230001),
        ({"msg_type": "post"}, 230001), ({"content": "no JSON"}, 230001), ({"size": MOST_BYTES + 1}, 230025),
    ],
)  # fmt: skip
def test_a_message_that_is_not_as_it_must_be_is_refused(feishu: HeldTenant, changes: Json, expected: int) -> None:
    assert code(feishu.text(**changes)) == (400, expected)
    assert feishu.shown == []


def test_a_person_for_whom_the_app_is_not_available_gets_nothing(feishu: HeldTenant) -> None:
    feishu.hidden.add("LINA")

    assert code(feishu.text()) == (400, 230013)


def test_a_repeat_with_the_same_uuid_is_shown_once_within_an_hour(feishu: HeldTenant) -> None:
    first = feishu.text(uuid="page-1")
    feishu.at += HOUR - 1
    second = feishu.text(uuid="page-1")
    feishu.at += 2
    third = feishu.text(uuid="page-1")

    assert first == second
    assert third[1]["data"] != first[1]["data"]
    assert len(feishu.shown) == 2


def test_one_person_gets_5_messages_a_second_and_others_theirs(feishu: HeldTenant) -> None:
    codes = [code(feishu.text())[1] for _ in range(6)]

    assert codes == [0] * 5 + [230020]
    assert code(feishu.text(EMMA)) == (200, 0)
    feishu.at += 1
    assert code(feishu.text()) == (200, 0)


def test_an_app_calls_50_times_a_second_and_1000_times_a_minute(feishu: HeldTenant) -> None:
    feishu._has_person = lambda _user: True
    within = [code(feishu.text(f"ou_{n}"))[0] for n in range(51)]
    for second in range(19):
        feishu.at += 1
        within += [code(feishu.text(f"ou_{second}-{n}"))[0] for n in range(50)]
    feishu.at += 1
    after = code(feishu.text())
    feishu.at += MINUTE

    assert within == [200] * 50 + [429] + [200] * 950
    assert after == (429, 99991400)
    assert code(feishu.text()) == (200, 0)


@pytest.mark.parametrize(
    ("urgent", "shown"),
    [("urgent_app", "feishu_buzz"), ("urgent_sms", "feishu_sms"), ("urgent_phone", "feishu_phone")],
)
def test_a_message_rings_its_reader_as_it_is_asked_to(feishu: HeldTenant, urgent: str, shown: str) -> None:
    message = feishu.sent()

    assert feishu.call(message, [LINA, EMMA], urgent)[1]["data"] == {"invalid_user_id_list": [EMMA]}
    assert feishu.shown[-1] == (shown, "CSP-7", "LINA")


@pytest.mark.parametrize("people", [[EMMA], [], "ou_LINA", [LINA] * 201])
def test_only_readers_of_a_message_can_be_rung(feishu: HeldTenant, people: object) -> None:
    assert code(feishu.call(feishu.sent(), people)) == (400, 230001)
    assert code(feishu.call("om_99", [LINA])) == (400, 230001)


def test_calls_and_text_messages_use_up_the_quota_and_what_is_in_feishu_does_not(feishu: HeldTenant) -> None:
    message, feishu.quota = feishu.sent(), 1

    codes = [code(feishu.call(message, [LINA], how)) for how in ("urgent_app", "urgent_sms", "urgent_phone")]

    assert codes == [(200, 0), (200, 0), (400, 230024)]
