"""What comes back through a client is not believed: forged values are refused in words, and nothing changes."""

import json
from typing import Any

import pytest

from tests.handlers import payloads
from tests.handlers.harness import Stage
from tests.handlers.member import A_CUSTOMER_REQUEST, Member

GONE = "This form or button can't be read any more. Open it again."
METADATA = [
    "", "null", "[]", "7", '"text"', "{", "{}", "\x00", '{"n": 1}', "[" * 3000, '{"answers": 7}', '{"answers": [1]}',
    '{"customer": 7}', '{"customer": ["x"]}', '{"customer": {"0": 1}}', '{"customer": ["x", "unknown-id"]}',
    '{"answers": {"title": {"a": 1}}}', '{"answers": {"kind": []}}', '{"answers": {"severity": {}}}',
    '{"answers": {"lacks": 7}}', '{"answers": {"started": "soon"}}', '{"source": {"a": 1}}',
]  # fmt: skip


@pytest.mark.parametrize("metadata", METADATA, ids=lambda m: m[:40])
def test_tampered_metadata_never_breaks_the_form(stage: Stage, emma: Member, metadata: str) -> None:
    emma.command()
    emma.fill(kind="customer")
    view = {**emma.modal, "private_metadata": metadata}
    acted = {"type": "radio_buttons", "block_id": "kind", "action_id": "form.kind"}
    heard = stage.deliver(payloads.view_click("U0EMMA", emma.trigger, view, acted))
    assert heard.status == 200
    assert emma.submit(private_metadata=metadata).ack["response_action"] == "errors"
    assert stage.everything() == []


def _typed(view: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A view's state with some entries replaced by what no honest client sends."""
    old = view["state"]["values"]
    new = {name: dict.fromkeys(old.get(name, [f"form.{name}"]), value) for name, value in values.items()}
    return {"values": {**old, **new}}


def _chosen(value: Any, kind: str = "static_select", **more: Any) -> dict[str, Any]:
    return {"type": kind, "selected_option": {"value": value, **more}}


def _text(value: Any) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


TAMPERED: list[tuple[str, Any]] = [
    ("severity", _chosen("Z", "radio_buttons")),
    ("severity", _chosen(None, "radio_buttons")),
    ("severity", {"type": "radio_buttons", "selected_options": [{"value": "A"}]}),
    ("kind", _chosen("admin", "radio_buttons")),
    ("service", _chosen("<!channel>")),
    ("scope", _chosen("galaxy")),
    ("health", _chosen("fine")),
    ("lacks", {"type": "checkboxes", "selected_options": [{"value": "money"}]}),
    ("lacks", _text("tools")),
    ("started", {"type": "datetimepicker", "selected_date_time": "soon"}),
    ("started", {"type": "datetimepicker", "selected_date_time": 10**30}),
    ("title", _text("x" * 151)),
    ("title", _text(["x"])),
    ("title", _text({"x": 1})),
    ("details", _text("x" * 3001)),
    ("details", _text("x" * 50_000)),
    ("tried", _text(7)),
    ("customer_name", _chosen("no-such-id", "external_select", text={"text": "x"})),
    ("customer_name", _chosen("typed: ", "external_select", text={"text": "x"})),
    ("customer_name", _chosen("typed:x", "external_select")),
    ("customer_name", {"type": "external_select", "selected_option": 7}),
]


@pytest.mark.parametrize(("field", "value"), TAMPERED, ids=lambda part: json.dumps(part)[:60])
def test_tampered_answers_are_refused_under_a_field(
    stage: Stage, emma: Member, field: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    emma.command()
    emma.fill(**A_CUSTOMER_REQUEST)
    heard = emma.submit(state=_typed(emma.modal, **{field: value}))
    assert heard.errors
    assert stage.everything() == []
    assert "unexpected error" not in caplog.text


@pytest.mark.parametrize("callback_id", ["", "forms", "form.x", "sheet.", "sheet.fly", "done", "x" * 255])
def test_a_form_nobody_knows_stays_open_and_says_so(stage: Stage, emma: Member, callback_id: str) -> None:
    emma.command()
    emma.fill(**A_CUSTOMER_REQUEST)
    assert list(emma.submit(callback_id=callback_id).errors.values()) == [GONE]
    assert stage.everything() == []


VALUES = [
    "", "null", "[]", "7", "{", "{}", '{"n": null}', '{"n": "x"}', '{"n": [1]}', '{"n": {}}', '{"n": 1, "v": "x"}',
    '{"n": 1e999}', '{"n": -1}', '{"n": 0}', '{"n": 2}', f'{{"n": {10**30}}}', f'{{"n": {"9" * 5000}}}', "[" * 2000,
    '{"n": NaN}', '{"n": Infinity}', "1; DROP TABLE history", "\x00",
]  # fmt: skip


def _is_refusal(said: str) -> bool:
    return said == GONE or said.startswith("There is no CSP-")


@pytest.mark.parametrize("move", ["acknowledge", "resolve"])
def test_a_tampered_button_is_refused_in_words(
    stage: Stage, emma: Member, move: str, caplog: pytest.LogCaptureFixture
) -> None:
    emma.raise_one()
    before = stage.everything()
    heard = {value: emma.press(move, value=value) for value in VALUES}
    assert [value for value, one in heard.items() if one.status != 200 or not _is_refusal(one.text)] == []
    assert stage.everything() == before
    assert "unexpected error" not in caplog.text


def test_a_small_form_with_tampered_metadata_is_refused_under_its_field(
    stage: Stage, emma: Member, caplog: pytest.LogCaptureFixture
) -> None:
    emma.raise_one()
    emma.press("note")
    before = stage.everything()
    emma.fill(note="A note")
    said = {value: emma.submit(private_metadata=value).errors["note"] for value in VALUES}
    assert [value for value, one in said.items() if not _is_refusal(one)] == []
    assert stage.everything() == before
    assert "unexpected error" not in caplog.text


@pytest.mark.parametrize("move", ["fly", "", "raise", "more.x", "__class__"])
def test_a_move_nobody_knows_is_refused_in_words(stage: Stage, emma: Member, move: str) -> None:
    emma.raise_one()
    before = stage.everything()
    assert emma.press(move).text
    assert emma.choose(f"card.{move}").text
    assert stage.everything() == before


@pytest.mark.parametrize("value", ["", "card.close", "look.fly {}", "look.history", "look.copy {", "x" * 150])
def test_a_menu_entry_nobody_knows_is_refused_in_words(stage: Stage, emma: Member, value: str) -> None:
    emma.raise_one()
    before = stage.everything()
    acted = {**payloads.menu(value)}
    assert stage.deliver(payloads.click("U0EMMA", emma.trigger, acted)).text
    assert stage.everything() == before


PAGES = [
    "", "null", "[]", "{", "{}", '{"what": "list"}', '{"what": "all", "query": "", "offset": 0}',
    '{"what": "list", "query": "", "offset": -1}', '{"what": "list", "query": "", "offset": 1e999}',
    '{"what": "list", "query": "", "offset": 99999999999}', '{"what": "history", "query": "x", "offset": 0}',
    '{"what": "history", "query": "²", "offset": 0}', f'{{"what": "history", "query": "{"9" * 4999}", "offset": 0}}',
    f'{{"what": "history", "query": "{10**30}", "offset": 0}}', '{"what": ["list"], "query": "", "offset": 0}',
]  # fmt: skip


def test_a_tampered_page_button_is_refused_in_words(emma: Member, caplog: pytest.LogCaptureFixture) -> None:
    emma.raise_one()
    heard = {value: emma.button("look.page.more", value).text for value in PAGES}
    assert [value for value, said in heard.items() if not _is_refusal(said)] == []
    assert "unexpected error" not in caplog.text


def test_a_correction_changes_only_the_fields_of_its_form(stage: Stage, lina: Member, emma: Member) -> None:
    emma.raise_one()
    lina.choose("card.correct")
    forged = {
        name: {f"sheet.correct.{name}": _text(value)}
        for name, value in {
            "number": "2", "status": "closed", "owner": "U0WANG", "raised_by": "U0WANG", "team_id": "T0OTHER",
            "kind": "partner_center", "customer_id": "C1", "version": "9", "closed_by": "U0WANG", "channel": "C0X",
        }.items()
    }  # fmt: skip
    state = {"values": {**lina.modal["state"]["values"], **forged}}
    before = stage.escalation()
    lina.submit(state={"values": {**state["values"], "title": {"sheet.correct.title": _text("Better")}}})
    changed = {name for name, value in stage.escalation() if value != getattr(before, name)}
    assert changed == {"title", "version", "changed_at", "active_at"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("severity", _chosen("Z")),
        ("service", _chosen("<!channel>")),
        ("title", _text(" ")),
        ("tenant_id", _text("x" * 201)),
        ("scope", _chosen("everybody")),
        ("health", _chosen("fine")),
        ("affected", _text("many")),
        ("started", {"type": "datetimepicker", "selected_date_time": "9" * 30}),
        ("tried", _text("x" * 1001)),
    ],
    ids=["severity", "service", "title", "tenant_id", "scope", "health", "affected", "started", "tried"],
)
def test_a_tampered_correction_is_refused(
    stage: Stage, lina: Member, field: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    lina.raise_one()
    lina.choose("card.correct")
    before = stage.everything()
    old = lina.modal["state"]["values"]
    state = {"values": {**old, field: dict.fromkeys(old.get(field, ["sheet.correct.x"]), value)}}
    assert lina.submit(state=state).errors
    assert stage.everything() == before
    assert "unexpected error" not in caplog.text
