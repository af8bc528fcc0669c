"""What people read when something failed in Slack, or the database is older than what Slack shows."""

import pytest

from handlers.i18n.words import Words
from handlers.notifications.delivery_failures import describe
from models.rules.outbox.failure_notice import FailureKind, FailureNotice, read_notice
from tests.handlers.harness import SETTINGS


def missing(where: str, *numbers: str) -> FailureNotice:
    """The notice of an older record that lacks some cases."""
    return FailureNotice(FailureKind.OLDER_RECORD, where, numbers=numbers)


@pytest.mark.parametrize(
    ("language", "again"), [("en", "please raise it again"), ("zh_CN", "请重新呈报"), ("both", "请重新呈报")]
)
def test_the_thread_of_a_missing_case_says_that_it_must_be_raised_again(language: str, again: str) -> None:
    said = describe(missing("1700000000.000200", "2"), Words.of(language), SETTINGS)

    assert "CSP-2" in said
    assert again in said


def test_a_channel_is_told_the_numbers_below_the_first_line() -> None:
    """A text that begins with a number is taken for the card of that case."""
    for where in ("oncall", "escalations"):
        lines = describe(missing(where, "2", "3"), Words.of("both"), SETTINGS).splitlines()
        assert "CSP-" not in lines[0]
        assert lines[-1] == "CSP-2, CSP-3"
    assert len(describe(missing("oncall", *map(str, range(1, 5000))), Words.of("both"), SETTINGS)) < 3000


def test_who_discarded_which_message_is_told_without_a_mention() -> None:
    told = describe(read_notice("discarded week 12 <!channel>"), Words.of("en"), SETTINGS)

    assert "&lt;!channel&gt; discarded a message" in told
    assert "shifts of the next week" in told
    assert "csp-escalate outbox show 12" in told


@pytest.mark.parametrize(
    ("note", "says"),
    [
        (
            "U0EMMA msg_too_long",
            "A message to <@U0EMMA> was not delivered and is set aside. The message is too long for",
        ),
        ("C0OTHER odd_code", "A message to <#C0OTHER> was refused (odd_code) and is set aside."),
        ("C0OTHER not_in_channel", "<#C0OTHER> can't be delivered. The app is not in the channel. Invite it there"),
        (
            "C0ESCAL is_archived",
            "⚠️ Messages to <#C0ESCAL> can't be delivered. The channel is archived. Unarchive it. Then they are sent by "
            "themselves. If another channel takes its place, name that one in CSP_ESCALATION_CHANNEL, and restart the "
            "bot.",
        ),
        ("C0ONCALL restricted_action_read_only_channel", "Allow it to the app, in the settings of the channel."),
        ("picture C0ONCALL is_archived", "could not be posted. The channel is archived. Unarchive it. If another"),
    ],
)
def test_a_refused_message_is_told_by_what_was_wrong_with_it(note: str, says: str) -> None:
    notice = read_notice(note)

    assert says in describe(notice, Words.of("en"), SETTINGS)
    assert notice.error not in (describe(notice, Words.of("zh_CN"), SETTINGS) if notice.error != "odd_code" else "")
