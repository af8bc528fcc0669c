"""What 21Vianet's pages say: each fact with its source and day, and nothing that is shown nowhere."""

from datetime import date
from pathlib import Path

import pytest

from models.rules import policy
from models.rules.policy import parse_policy

TEXT = (Path(policy.__file__).parent / "21vianet.toml").read_text(encoding="utf-8")


def test_every_fact_has_its_own_source_and_day() -> None:
    sources = policy.load_packaged().sources()

    assert all(source.url.startswith("https://") and date(2026, 1, 1) <= source.read_on for source in sources)
    assert len({source.read_on for source in sources}) > 1
    # Paths, hotlines, the billing desk, four services, three lists of workloads and one more, three tables.
    assert len({(source.url, source.read_on) for source in sources}) >= 9


def test_teams_is_a_workload_and_skype_for_business_is_none() -> None:
    services = policy.load_packaged().services

    assert list(services) == ["m365", "azure", "d365", "power", "other"]
    assert "Teams" in services["m365"].workloads
    assert "Skype" not in "".join(name for service in services.values() for name in service.workloads)
    assert "Supply Chain" in services["d365"].workloads


def test_azure_has_a_second_hotline() -> None:
    pages = policy.load_packaged()

    assert pages.numbers("azure") == ["400-089-0365", "010-8456-3652"]
    assert pages.numbers("m365") == pages.numbers("") == ["400-089-0365"]


def test_first_response_is_what_the_pages_say() -> None:
    told = {
        key: {severity: fact.text[0].partition(",")[0] for severity, fact in one.first_response.items()}
        for key, one in policy.load_packaged().services.items()
    }

    assert told == {
        "m365": {"A": "1 hour", "B": "1 business day", "C": "3 business days"},
        "azure": {"A": "2 hours", "B": "4 hours", "C": "8 hours"},
        "d365": {"A": "1 hour", "B": "1 business day"}, "power": {}, "other": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("read_on = 2026-11-22\n", ""), ('source = "https://en.21vbluecloud.com/"\n', ""),
        ("read_on = 2026-11-22", 'read_on = "2026-11-22"'), ('source = "https://en.', 'source = "http://en.'),
        ('portal = "https://partner', 'portal = "javascript:partner'),
        ("[[hotline]]", "[hotline]"), ("[billing]", "[b]"),
    ],
)  # fmt: skip
def test_a_fact_without_source_or_day_is_refused(before: str, after: str) -> None:
    assert before in TEXT
    broken = TEXT.replace(before, after, 1)

    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        parse_policy(broken)
