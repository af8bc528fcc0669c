"""What 21Vianet's pages say: each fact with its source and day, and nothing that is shown nowhere."""

from datetime import date

import pytest

from models.rules.policy import reader
from models.rules.policy.reader import parse_policy
from models.rules.toml.tables import FaultKind, InvalidFile

TEXT = reader.packaged_text()


def test_every_fact_has_its_own_source_and_day() -> None:
    sources = reader.load_packaged().sources()

    assert all(source.url.startswith("https://") and date(2026, 1, 1) <= source.read_on for source in sources)
    assert len({source.read_on for source in sources}) > 1
    # Paths, hotlines, the billing desk, four services, three lists of workloads and one more, three tables.
    assert len({(source.url, source.read_on) for source in sources}) >= 9


def test_teams_is_a_workload_and_skype_for_business_is_none() -> None:
    services = reader.load_packaged().services

    assert list(services) == ["m365", "azure", "d365", "power", "other"]
    assert "Teams" in services["m365"].workload_names
    assert "Skype" not in "".join(name for service in services.values() for name in service.workload_names)
    assert "Supply Chain" in services["d365"].workload_names


def test_azure_has_a_second_hotline() -> None:
    pages = reader.load_packaged()

    assert pages.numbers("azure") == ["400-089-0365", "010-8456-3652"]
    assert pages.numbers("m365") == pages.numbers("") == ["400-089-0365"]


def test_first_response_is_what_the_pages_say() -> None:
    targets = {
        (key, target.severity, target.workload): (target.minutes, target.workdays, target.desk.key)
        for key, service in reader.load_packaged().services.items()
        for target in service.targets
    }

    assert targets == {
        ("m365", "A", ""): (60, None, "always"), ("m365", "B", ""): (None, 1, "daily"),
        ("m365", "C", ""): (None, 3, "daily"), ("azure", "A", ""): (120, None, "always"),
        ("azure", "B", ""): (240, None, "daily"), ("azure", "B", "Development"): (240, None, "azure_development"),
        ("azure", "C", ""): (480, None, "daily"), ("azure", "C", "Development"): (480, None, "azure_development"),
        ("d365", "A", ""): (60, None, "always"), ("d365", "B", ""): (None, 1, "office_hours"),
    }  # fmt: skip


def test_a_workload_has_its_own_target_before_the_one_for_all() -> None:
    azure = reader.load_packaged().service("azure")

    targets = [azure.find_target("B", name) for name in ("Development", "Platform", "")]
    assert [target and target.desk.key for target in targets] == ["azure_development", "daily", "daily"]
    assert reader.load_packaged().service("d365").find_target("C") is None
    assert reader.load_packaged().service("unknown").find_target("A") is None


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("read_on = 2026-11-22\n", "", FaultKind.MISSING),
        ('source = "https://en.21vbluecloud.com/"\n', "", FaultKind.MISSING),
        ("read_on = 2026-11-22", "read_on = 20", FaultKind.NOT_DATE),
        ('source = "https://en.', 'source = "http://en.', FaultKind.NOT_ADDRESS),
        ('portal = "https://partner', 'portal = "javascript:partner', FaultKind.NOT_ADDRESS),
        ("[billing]", "[bill]", FaultKind.UNKNOWN_KEY),
        ('closes = "18:00"', 'closes = "08:00"', FaultKind.DESK_CLOSES_FIRST),
        ('desk = "daily"', 'desk = "dayly"', FaultKind.UNKNOWN_CHOICE), ("minutes = 240", "", FaultKind.ONE_OF_TWO),
        ("minutes = 240", "minutes = 240\nworkdays = 1", FaultKind.ONE_OF_TWO),
        ('workload = "Development"', 'workload = "Developer"', FaultKind.UNKNOWN_CHOICE),
        ('services = ["azure"]', 'services = ["azur"]', FaultKind.UNKNOWN_CHOICE),
        ('names_zh = ["平台", "开发"]', 'names_zh = ["平台"]', FaultKind.NOT_AS_MANY),
        ('key = "d365"', 'key = "azure"', FaultKind.TWICE),
        ('days = "workdays"', 'days = "weekdays"', FaultKind.UNKNOWN_CHOICE),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_is_refused_with_the_line_of_the_fault(before: str, after: str, kind: FaultKind) -> None:
    assert before in TEXT
    broken = TEXT.replace(before, after, 1)
    line = TEXT[: TEXT.index(before)].count("\n") + 1

    with pytest.raises(InvalidFile) as refused:
        parse_policy(broken)

    fault = next(fault for fault in refused.value.faults if fault.kind is kind)
    # A missing key is reported at its table, a few lines above.
    assert line - 6 <= fault.line <= line + 1


def test_what_was_probably_meant_is_named() -> None:
    with pytest.raises(InvalidFile) as refused:
        parse_policy(TEXT.replace('desk = "daily"', 'desk = "dayly"', 1))

    assert [fault.nearest for fault in refused.value.faults] == ["daily"]
