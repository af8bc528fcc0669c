"""E-mail against a mail server: what is taken, refused for good, refused for now, and unknown. And other services."""

from collections.abc import Iterator
from email import message_from_string, policy

import pytest

from bot.clock import Clock
from bot.reach.channel import PageText
from bot.reach.email_message import Email
from bot.reach.other_services import HAS_CHANNEL, OtherServices
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress
from tests.bot.reach.mail_server import MailServer, mail_server

REFUSED, UNKNOWN = PageStatus.REFUSED, PageStatus.UNKNOWN


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def send(server: MailServer, **fields: str) -> PageAnswer:
    usual = {"server": server.address, "sender": "csp@example.cn", "to": "lina@example.cn", "tls": "none"}
    address = ReachAddress(Channel.EMAIL, {**usual, **fields})
    return Email(Clock()).send(address, PageText("page-1", "CSP-7 待认领\nhttps://bot.cn/act/x", "CSP Escalate: CSP-7"))


def test_a_letter_is_taken_whole(server: MailServer) -> None:
    answer = send(server, user="csp", password="right")

    letter = message_from_string(server.letters[0], policy=policy.default)
    assert answer == PageAnswer(PageStatus.ACCEPTED, "250")
    assert (letter["To"], letter["Subject"]) == ("lina@example.cn", "CSP Escalate: CSP-7")
    assert (letter["Message-ID"], bool(letter["Date"])) == ("<page-1@csp-escalate>", True)
    assert letter.get_content().splitlines() == ["CSP-7 待认领", "https://bot.cn/act/x"]


@pytest.mark.parametrize(
    ("command", "says", "answer"),
    [
        ("AUTH", "535 wrong", PageAnswer(REFUSED, "smtp_535")),
        ("RCPT", "550 nobody", PageAnswer(REFUSED, "smtp_550")),
        ("RCPT", "451 later", PageAnswer(REFUSED, "smtp_451", 60.0)),
        (".", "554 spam", PageAnswer(REFUSED, "smtp_554")),
        (".", "452 full", PageAnswer(REFUSED, "smtp_452", 60.0)),
        (".", "", PageAnswer(UNKNOWN, "SMTPServerDisconnected")),
    ],
)
def test_what_a_mail_server_says_decides(server: MailServer, command: str, says: str, answer: PageAnswer) -> None:
    server.says = {command: says}

    assert send(server, user="csp", password="x") == answer
    assert server.letters == []


@pytest.mark.parametrize("goodbye", ["421 going down", "451 what?", ""])
def test_a_letter_that_was_taken_stays_taken_whatever_the_server_says_at_the_end(
    server: MailServer, goodbye: str
) -> None:
    server.says = {"QUIT": goodbye}

    assert send(server) == PageAnswer(PageStatus.ACCEPTED, "250")
    assert len(server.letters) == 1


def test_a_server_that_offers_no_encryption_gets_nothing(server: MailServer) -> None:
    assert send(server, tls="starttls") == PageAnswer(REFUSED, "SMTPNotSupportedError")


def test_a_server_that_is_not_there_is_tried_again() -> None:
    answer = send(MailServer("127.0.0.1:9"))

    assert (answer.status, answer.retry_after) == (REFUSED, 10.0)


@pytest.mark.parametrize("url", ["wecombot://key", "DingTalk://token/", "feishu://token", "lark://token"])
def test_what_has_a_channel_of_its_own_is_not_sent_by_apprise(url: str) -> None:
    address = ReachAddress(Channel.APPRISE, {"url": url})

    assert OtherServices().send(address, PageText("1", "text", "title")) == PageAnswer(REFUSED, HAS_CHANNEL)
