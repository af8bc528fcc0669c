"""A reach file is taken whole or not at all, and no fault repeats a secret."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from models.rules.reach.channels import Channel
from models.rules.reach.reach_plan import CHINA, ReachPlan
from models.rules.reach.reader import parse_reach
from models.rules.toml.tables import FaultKind, InvalidFile

NIGHT, MORNING = datetime(2026, 3, 2, 18, 0, tzinfo=UTC), datetime(2026, 3, 3, 1, 0, tzinfo=UTC)  # 02:00 and 09:00
HEAD = '[[person]]\nname = "Li Na"\n[[person.address]]\n'


def parsed(text: str) -> ReachPlan:
    return parse_reach(text, CHINA)


def faults_of(text: str) -> list[tuple[int, FaultKind]]:
    with pytest.raises(InvalidFile) as raised:
        parsed(text)
    return [(fault.line, fault.kind) for fault in raised.value.faults]


def test_the_packaged_example_has_no_fault_and_uses_a_shared_service() -> None:
    plan = parsed(files("models.rules.reach").joinpath("example.toml").read_text(encoding="utf-8"))

    app, phone, mail = plan.people["Li Na"]
    assert (app.channel, app.fields["corp_id"], app.fields["to"]) == (Channel.WECOM_APP, "ww0000000000000000", "LiNa")
    assert phone.severities == ("A",)
    assert mail.customer_names


def test_addresses_come_in_order_by_hours_and_severity_and_then_those_of_everybody() -> None:
    plan = parsed(files("models.rules.reach").joinpath("example.toml").read_text(encoding="utf-8"))

    by_night = [address.channel for address in plan.find_addresses(("Li Na",), "B", NIGHT)]
    by_day = [address.channel for address in plan.find_addresses(("Li Na",), "A", MORNING)]
    stranger = [address.channel for address in plan.find_addresses(("Wang",), "A", NIGHT)]

    assert by_night == [Channel.WECOM_APP, Channel.DINGTALK_BOT]
    assert by_day == [Channel.WECOM_APP, Channel.HOOK, Channel.EMAIL, Channel.DINGTALK_BOT]
    assert stranger == [Channel.DINGTALK_BOT]


def test_hours_reach_beyond_midnight() -> None:
    plan = parsed(HEAD + 'channel = "wecom_bot"\nurl = "https://a.cn/x"\nhours = "22:00-08:00"\n')

    assert list(plan.find_addresses(("Li Na",), "A", NIGHT))
    assert not list(plan.find_addresses(("Li Na",), "A", MORNING))


def test_slack_counts_as_silent_after_one_minute_for_severity_a_and_five_otherwise() -> None:
    plan = parsed("")

    assert (plan.silent_after("A"), plan.silent_after("B")) == (timedelta(minutes=1), timedelta(minutes=5))
    assert parsed("[when]\nother_minutes = 9").silent_after("") == timedelta(minutes=9)


@pytest.mark.parametrize(
    ("text", "line", "kind"),
    [
        ('channel = "pager"\n', 4, FaultKind.UNKNOWN_CHOICE),
        ('channel = "wecom_bot"\n', 3, FaultKind.MISSING),
        ('channel = "wecom_bot"\nurl = "http://a.cn/key"\n', 5, FaultKind.NOT_SAFE_ADDRESS),
        ('channel = "wecom_bot"\nurl = "https://u:p@a.cn/key"\n', 5, FaultKind.NOT_SAFE_ADDRESS),
        ('channel = "hook"\nurl = "https://100.100.100.200/"\nsecret = "s"\n', 5, FaultKind.METADATA_ADDRESS),
        ('channel = "apprise"\nurl = "json://[fd00:ec2::254]/"\n', 5, FaultKind.METADATA_ADDRESS),
        (
            'channel = "email"\nserver = "169.254.0.23:25"\nsender = "a@b.cn"\nto = "c@b.cn"\n',
            5,
            FaultKind.METADATA_ADDRESS,
        ),
        ('channel = "wecom_bot"\nurl = "https://a.cn/x"\nhours = "22"\n', 6, FaultKind.NOT_HOURS),
        ('channel = "wecom_bot"\nurl = "https://a.cn/x"\nseverities = ["D"]\n', 6, FaultKind.UNKNOWN_CHOICE),
        ('channel = "wecom_bot"\nurl = "https://a.cn/x"\ntoken = "t"\n', 6, FaultKind.UNKNOWN_KEY),
        ('channel = "wecom_bot"\nurl = "https://a.cn/x"\nper_hour = 9\n', 6, FaultKind.UNKNOWN_KEY),
        (
            'channel = "feishu_app"\napp_id = "a"\nsecret = "s"\nto = "ou"\nurgent = "fax"\n',
            8,
            FaultKind.UNKNOWN_CHOICE,
        ),
        ('service = "none"\n', 4, FaultKind.UNKNOWN_CHOICE),
        (
            'channel = "email"\nserver = "mail.cn"\nsender = "a@b.cn"\nto = "c@b.cn"\ntls = "none"\n',
            8,
            FaultKind.NOT_ENCRYPTED,
        ),
    ],
)
def test_a_fault_is_named_by_its_line(text: str, line: int, kind: FaultKind) -> None:
    assert (line, kind) in faults_of(HEAD + text)


@pytest.mark.parametrize("place", [HEAD, '[[service]]\nname = "robot"\n'])
def test_a_misspelt_channel_is_one_fault_that_says_what_was_meant(place: str) -> None:
    with pytest.raises(InvalidFile) as raised:
        parsed(f'{place}channel = "dingtalkbot"\nurl = "https://a.cn/x"\n')

    [fault] = raised.value.faults
    assert (fault.kind, fault.values["name"], fault.nearest) == (
        FaultKind.UNKNOWN_CHOICE, "dingtalkbot", "dingtalk_bot",
    )  # fmt: skip


def test_a_misspelt_key_channel_is_named_beside_the_missing_one() -> None:
    with pytest.raises(InvalidFile) as caught:
        parsed('[[person]]\nname = "bob"\n[[person.address]]\nchanel = "wecom_bot"\nurl = "https://a.cn/x"\n')

    faults = [(fault.kind, fault.values.get("name"), fault.nearest) for fault in caught.value.faults]
    assert faults == [(FaultKind.MISSING, None, ""), (FaultKind.UNKNOWN_KEY, "chanel", "channel")]


def test_an_address_of_a_service_with_a_misspelt_channel_is_no_further_fault() -> None:
    service = '[[service]]\nname = "robot"\nchannel = "dingtalkbot"\n'

    assert faults_of(f'{service}{HEAD}service = "robot"\nmobile = "1"\n') == [(3, FaultKind.UNKNOWN_CHOICE)]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('severities = ["D"]', "D"),
        ('tls = "off"', "off"),
        ('service = "SMS"', "SMS"),
        ('channel = "0f3e9a77c1d2"', "…"),
    ],
)
def test_a_wrong_value_is_shown_unless_it_may_be_a_secret(line: str, shown: str) -> None:
    rest = (
        "" if line.startswith(("service", "channel")) else 'channel = "email"\nserver = "a"\nsender = "b"\nto = "c"\n'
    )

    with pytest.raises(InvalidFile) as raised:
        parsed(f"{HEAD}{rest}{line}\n")

    assert raised.value.faults[0].values["name"] == shown


def test_a_second_person_or_service_of_one_name_names_the_line_of_the_first() -> None:
    person = '[[person]]\nname = "bob"\n'
    service = '[[service]]\nname = "bob"\nchannel = "wecom_bot"\n'

    with pytest.raises(InvalidFile) as raised:
        parsed(service + service + person + person)

    assert [(fault.line, fault.kind, fault.values["first"]) for fault in raised.value.faults] == [
        (5, FaultKind.TWICE, 2), (10, FaultKind.TWICE, 8),
    ]  # fmt: skip


def test_a_file_says_how_often_a_gateway_may_be_used() -> None:
    service = '[[service]]\nname = "SMS"\nchannel = "hook"\nurl = "https://a.cn/x"\nsecret = "s"\nper_hour = 60\n'
    people = '[[person]]\nname = "bob"\n[[person.address]]\nservice = "SMS"\nto = "1"\n[[person.address]]\n'
    plan = parsed(f'{service}{people}service = "SMS"\nto = "2"\nper_day = 99\n')

    sms, other = plan.people["bob"]
    assert [limit.count for limit in sms.limits] == [1, 60, 20]  # what is left out is that of calls
    assert [limit.count for limit in other.limits] == [1, 5, 99]


def test_no_fault_and_no_printed_address_repeats_a_secret() -> None:
    url = "http://a.cn/the-secret-key"

    with pytest.raises(InvalidFile) as raised:
        parsed(HEAD + f'channel = "wecom_bot"\nurl = "{url}"\n')
    plan = parsed(HEAD + 'channel = "dingtalk_bot"\nurl = "https://a.cn/the-secret-key"\nsecret = "SECRET"\n')

    with pytest.raises(InvalidFile) as misplaced:
        parsed(HEAD + 'channel = "the-secret-key"\n')

    said = f"{misplaced.value.faults} {raised.value} {raised.value.faults} {plan} {plan.people['Li Na'][0].shown}"
    assert "the-secret-key" not in said
    assert "SECRET" not in said


def test_one_robot_is_one_sender_whoever_it_mentions() -> None:
    robot = '[[service]]\nname = "robot"\nchannel = "wecom_bot"\nurl = "https://a.cn/x"\n'
    people = '[[person]]\nname = "{0}"\n[[person.address]]\nservice = "robot"\nmobile = "{0}"\n'
    plan = parsed(robot + people.format("1") + people.format("2"))

    first, second = plan.people["1"][0], plan.people["2"][0]
    assert first.id != second.id
    assert first.sender_id == second.sender_id
