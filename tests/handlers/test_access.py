"""Who gets in, door by door: each thing that can be done, tried by all who may not; nothing is left unanswered."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from models.rules.escalations.escalation import Move
from tests.handlers import block_limits, payloads
from tests.handlers.harness import HOME, PEOPLE, HandlerResult, Stage
from tests.handlers.member import Member

Json = dict[str, Any]
VALUE = json.dumps({"n": 1, "v": 1})
STRANGERS = {"U0TOM": "Guests", "U0FAR": "workspace", "U0ROBOT": "Bots", "U0GONE": "deactivated"}


def _view(callback_id: str, **more: Any) -> Json:
    """An open modal with one field, as it might be forged."""
    block = {"type": "input", "block_id": "note", "element": {"type": "plain_text_input", "action_id": "x"}}
    state = {"values": {"note": {"x": {"type": "plain_text_input", "value": "Let me in"}}}}
    return {
        "type": "modal", "id": "V1", "root_view_id": "V1", "hash": "h", "callback_id": callback_id,
        "private_metadata": VALUE, "blocks": [block], "state": state, **more,
    }  # fmt: skip


def _clicks(acted: Json) -> Callable[[Member], Json]:
    return lambda who: payloads.click(who.user, who.trigger, acted, who.team)


def _submits(callback_id: str, **more: Any) -> Callable[[Member], Json]:
    return lambda who: payloads.submission(who.user, who.trigger, _view(callback_id, **more), who.team)


def _commands(text: str) -> Callable[[Member], Json]:
    return lambda who: payloads.command(who.user, text, who.trigger, who.team)


DOORS: dict[str, Callable[[Member], Json]] = {
    **{f"command {text}": _commands(text) for text in (
        "", "new", "list", "mine", "show CSP-1", "CSP-1", "history CSP-1", "search Mail", "help", "ack CSP-1",
        "note CSP-1", "催办 1", "drafts", "quick", "快速 Mail",
    )},
    "message shortcut": lambda who: payloads.message_shortcut(who.user, who.trigger, "Mail", who.team),
    "attach shortcut": lambda who: payloads.message_shortcut(
        who.user, who.trigger, "Mail of CSP-1", who.team, "attach_message"
    ),
    "form of an attached message": _submits(
        "attach_message", private_metadata='{"key": "k", "link": "", "answer_at": ""}'
    ),
    **{f"button {move}": _clicks(payloads.button(f"card.{move}", VALUE)) for move in Move},
    **{f"menu {move}": _clicks(payloads.menu(f"card.{move} {VALUE}")) for move in Move},
    "menu history": _clicks(payloads.menu(f"look.history {VALUE}")),
    "menu copy": _clicks(payloads.menu(f"look.copy {VALUE}")),
    "button show": _clicks(payloads.button("look.show", VALUE)),
    "button page": _clicks(payloads.button("look.page.more", '{"what": "list", "query": "", "offset": 0}')),
    "button new": _clicks(payloads.button("home.new", "")),
    "button quick": _clicks(payloads.button("home.quick", "")),
    "button continue draft": _clicks(payloads.button("draft.continue", "T0SANDBOX:V1")),
    "button delete draft": _clicks(payloads.button("draft.delete", "T0SANDBOX:V1")),
    **{f"form {move}": _submits(f"sheet.{move}") for move in Move},
    "form of a new one": _submits("form", private_metadata="{}"),
}  # fmt: skip


def _refused(heard: HandlerResult) -> str:
    """The sentence somebody was refused with, wherever it stands."""
    if heard.ack.get("response_action") == "errors":
        return " ".join(heard.errors.values())
    return heard.text if heard.told else str(heard.ack.get("text", ""))


def _tried(stage: Stage, who: Member) -> dict[str, HandlerResult]:
    """What somebody hears at every door. None of them opens, none tells of what is behind it."""
    stage.slack.calls.clear()
    before = stage.everything()
    heard = {name: stage.deliver(door(who)) for name, door in DOORS.items()}
    assert {one.status for one in heard.values()} == {200}
    assert stage.everything() == before
    assert not {"views.open", "views.publish"} & set(stage.slack.calls)
    assert [name for name, one in heard.items() if "Mail is down" in one.words] == []
    return heard


def _silent(heard: dict[str, HandlerResult], sentence: str) -> list[str]:
    """The doors where that sentence was not said."""
    return [name for name, one in heard.items() if sentence not in _refused(one)]


@pytest.mark.parametrize("user", STRANGERS)
def test_who_may_not_work_here_is_refused_at_every_door_in_words(stage: Stage, emma: Member, user: str) -> None:
    emma.raise_one()
    assert _silent(_tried(stage, Member(stage, user)), STRANGERS[user]) == []


@pytest.mark.parametrize("user", [user for user in STRANGERS if user != "U0FAR"])
def test_the_global_shortcut_says_in_a_window_why_not(stage: Stage, user: str) -> None:
    who = Member(stage, user)
    stage.deliver(payloads.shortcut(user, who.trigger, team=who.team))

    assert STRANGERS[user] in block_limits.read(who.modal["blocks"])
    assert who.fields == []


def test_a_forged_home_team_does_not_make_a_stranger_a_member(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    far = Member(stage, "U0FAR")
    far.team = HOME
    assert _silent(_tried(stage, far), "Only full members of this workspace") == []


def test_a_delivery_of_another_workspace_is_refused_and_its_body_not_logged(
    stage: Stage, emma: Member, caplog: pytest.LogCaptureFixture
) -> None:
    emma.raise_one()
    there = Member(stage, "U0EMMA")
    there.team = "T0OTHER"
    assert _silent(_tried(stage, there), "not set up for this workspace") == []
    assert "T0OTHER" in caplog.text
    assert "Let me in" not in caplog.text


def test_nobody_is_let_in_while_slack_does_not_say_who_they_are(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    stage.people.away = True
    assert _silent(_tried(stage, emma), "Slack did not answer") == []


@pytest.mark.parametrize(
    "payload",
    [
        payloads.click("U0EMMA", "t", payloads.button("gone.long.ago", "x")),
        payloads.click("U0EMMA", "t", {"type": "datepicker", "action_id": "x", "selected_date": "2026-01-01"}),
        payloads.message_shortcut("U0EMMA", "t", "x") | {"callback_id": "gone"},
        payloads.submission("U0EMMA", "t", _view("gone")),
        payloads.command("U0EMMA", "", "t") | {"command": "/csp-old", "text": "help"},
    ],
    ids=["button", "picker", "message shortcut", "form", "command"],
)
def test_what_nobody_expected_is_answered_in_words(stage: Stage, emma: Member, payload: Json) -> None:
    emma.command("help")
    heard = stage.deliver(payload)
    assert heard.status == 200
    assert _refused(heard) or heard.words


@pytest.mark.parametrize(
    "payload",
    [
        payloads.shortcut("U0EMMA", "t", "gone"),
        payloads.closed("U0EMMA", _view("gone")),
        payloads.closed("U0EMMA", _view("form")),
        payloads.event("U0EMMA", "message", text="hello"),
        payloads.event("U0EMMA", "app_mention", text="<@U0BOT> hello"),
        payloads.event("U0EMMA", "never_heard_of"),
        payloads.event("U0EMMA", "app_uninstalled"),
        payloads.event("U0EMMA", "tokens_revoked"),
        payloads.suggestion("U0EMMA", _view("gone"), "x") | {"action_id": "gone"},
    ],
    ids=["shortcut", "closed", "form closed", "message", "mention", "unknown", "uninstalled", "revoked", "suggestion"],
)
def test_what_cannot_be_answered_is_acknowledged_all_the_same(stage: Stage, payload: Json) -> None:
    heard = stage.deliver(payload)
    assert (heard.status, heard.told) == (200, [])


def test_everybody_in_these_tests_is_somebody_else() -> None:
    assert set(STRANGERS) | {"U0LINA", "U0WANG", "U0EMMA"} == set(PEOPLE)
