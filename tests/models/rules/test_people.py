"""Who may work on escalations, and in which language they read."""

from typing import Any

import pytest

from models.rules.errors import Refused
from models.rules.people import Actor, Person, admit

FULL: dict[str, Any] = {"id": "U0WANG", "team_id": "T0SANDBOX", "name": "王伟"}


def test_a_full_member_of_the_home_workspace_is_admitted() -> None:
    assert admit(Person(**FULL), "T0SANDBOX", []) == Actor("U0WANG", "T0SANDBOX", is_lead=False)


def test_a_lead_is_admitted_as_lead() -> None:
    assert admit(Person(**FULL), "T0SANDBOX", {"U0WANG"}).is_lead


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"team_id": "T0OTHER"}, "stranger"), ({"is_bot": True}, "bot"), ({"is_deleted": True}, "left"),
        ({"is_guest": True}, "guest"), ({"team_id": "T0OTHER", "is_guest": True}, "stranger"),
    ],
)  # fmt: skip
def test_all_others_are_refused_even_when_named_as_leads(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        admit(Person(**{**FULL, **changes}), "T0SANDBOX", {"U0WANG"})

    assert [refusal.reason for refusal in refused.value.refusals] == [reason]


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh_CN"), ("zh-TW", "zh_CN"), ("ZH", "zh_CN"), ("en-GB", "en"), ("de-DE", "en"), ("", "en")],
)
def test_people_read_chinese_or_english(locale: str, language: str) -> None:
    assert Person(**FULL, locale=locale).language == language
