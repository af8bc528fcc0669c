"""Each limit of Slack's Block Kit, broken once: the local Slack says no, where Slack would, and names the place."""

from contextlib import nullcontext
from typing import Any

import pytest

from bot.sandbox.block_kit import judge_message, judge_suggestions, judge_view
from bot.sandbox.errors import SlackError
from tests.bot.sandbox.conftest import Json, button, menu, modal, plain, section, text_input

TOO_LONG = "x" * 3001


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str = "One", value: str = "1", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def field(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("Label"), "element": {"action_id": "a", **element}, **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


REFUSED_IN_MESSAGES = {
    "51 blocks": ([section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    "an unknown type": ([{"type": "hologram"}], "unsupported type: hologram [json-pointer:/blocks/0/type]"),
    "no type": ([{"text": plain("x")}], "missing required field: type"),
    "not an object": (["section"], "missing required field: type"),
    "an unknown key": ([section(color="red")], "invalid additional property: color [json-pointer:/blocks/0]"),
    "a section of 3,001 characters": (
        [section(TOO_LONG)],
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "an empty section text": ([section("")], "must be more than 0 characters"),
    "a section without anything": ([{"type": "section"}], "must define one of: text, fields"),
    "eleven fields": ([{"type": "section", "fields": [plain("x")] * 11}], "no more than 10 items"),
    "a field of 2,001 characters": (
        [{"type": "section", "fields": [plain("x" * 2001)]}],
        "must be less than 2001",
    ),
    "emoji in mrkdwn": (
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
        "invalid additional property: emoji",
    ),
    "a header in mrkdwn": (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "of type plain_text",
    ),
    "a header of 151 characters": ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151"),
    "a header without text": ([{"type": "header"}], "missing required field: text"),
    "eleven context elements": (
        [{"type": "context", "elements": [plain("x")] * 11}],
        "no more than 10 items",
    ),
    "an empty context": ([{"type": "context", "elements": []}], "no fewer than 1 items"),
    "a button in a context": ([{"type": "context", "elements": [button()]}], "unsupported type: button"),
    "26 actions": ([actions(*(button(action_id=f"b{n}") for n in range(26)))], "no more than 25 items"),
    "a multi select in actions": (
        [actions(menu("1", kind="multi_static_select"))],
        "unsupported type: multi_static_select",
    ),
    "a text input in actions": (
        [actions({"type": "plain_text_input", "action_id": "a"})],
        "unsupported type: plain_text_input",
    ),
    "the same action_id twice in a block": (
        [actions(button(), button())],
        '`action_id` "press" already exists',
    ),
    "the same block_id twice": (
        [section(block_id="a"), section(block_id="a")],
        '`block_id` "a" already exists',
    ),
    "a block_id of 256 characters": ([section(block_id="b" * 256)], "must be less than 256 characters"),
    "a button text of 76 characters": ([actions(button("x" * 76))], "must be less than 76 characters"),
    "a button in mrkdwn": (
        [actions(button() | {"text": {"type": "mrkdwn", "text": "x"}})],
        "of type plain_text",
    ),
    "a button value of 2,001 characters": ([actions(button(value="x" * 2001))], "must be less than 2001"),
    "a button style nobody knows": ([actions(button(style="green"))], "must be a valid enum value"),
    "a button url without scheme": ([actions(button(url="example.com"))], "must be a valid URL"),
    "101 options": ([actions(menu(*map(str, range(101))))], "no more than 100 items"),
    "no options": ([actions(menu())], "no fewer than 1 items"),
    "options and groups": (
        [actions(menu("1", option_groups=[{"label": plain("G"), "options": [option()]}]))],
        "must define exactly one of: options, option_groups",
    ),
    "an option of 76 characters": ([actions(menu("x" * 76))], "must be less than 76 characters"),
    "an option value of 151 characters": (
        [actions({"type": "static_select", "action_id": "a", "options": [option(value="x" * 151)]})],
        "must be less than 151 characters",
    ),
    "an option in mrkdwn": (
        [
            actions(
                {
                    "type": "static_select",
                    "options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "1"}],
                }
            )
        ],
        "of type plain_text",
    ),
    "an initial option that is none": (
        [actions(menu("1", initial_option=option("Two", "2")))],
        "initial option must exactly match one of the options",
    ),
    "a placeholder of 151 characters": (
        [actions(menu("1", placeholder=plain("x" * 151)))],
        "must be less than 151",
    ),
    "six overflow options": ([actions(menu(*"123456", kind="overflow"))], "no more than 5 items"),
    "eleven checkboxes": ([actions(menu(*map(str, range(11)), kind="checkboxes"))], "no more than 10 items"),
    "eleven radio buttons": (
        [actions(menu(*map(str, range(11)), kind="radio_buttons"))],
        "no more than 10 items",
    ),
    "a confirm title of 101 characters": (
        [
            actions(
                button(
                    confirm={
                        "title": plain("x" * 101),
                        "text": plain("?"),
                        "confirm": plain("y"),
                        "deny": plain("n"),
                    }
                )
            )
        ],
        "must be less than 101 characters",
    ),
    "a confirm without deny": (
        [actions(button(confirm={"title": plain("t"), "text": plain("?"), "confirm": plain("y")}))],
        "missing required field: deny",
    ),
    "a date in words": (
        [actions({"type": "datepicker", "initial_date": "today"})],
        "must be a date YYYY-MM-DD",
    ),
    "a time of 24:00": ([actions({"type": "timepicker", "initial_time": "24:00"})], "must be a time HH:mm"),
    "a date and time in milliseconds": (
        [actions({"type": "datetimepicker", "initial_date_time": 1_700_000_000_000})],
        "must be between",
    ),
    "an image without alt text": (
        [{"type": "image", "image_url": "https://x.example/a.png"}],
        "missing required field: alt_text",
    ),
    "an image from nowhere": (
        [{"type": "image", "alt_text": "x"}],
        "must define exactly one of: image_url, slack_file",
    ),
    "markdown of 12,001 characters in all": (
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        "markdown text of all blocks must be less than 12001",
    ),
    "an empty rich text": ([rich({"type": "text", "text": ""})], "must be more than 0 characters"),
    "an unknown rich text element": ([rich({"type": "blink", "text": "x"})], "unsupported type: blink"),
    "a rich text list of lists": (
        [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_list",
                        "style": "bullet",
                        "elements": [{"type": "rich_text_list", "style": "bullet", "elements": []}],
                    }
                ],
            }
        ],
        "unsupported type: rich_text_list",
    ),
    "an upload field in a message": ([field({"type": "file_input"})], "unsupported type: file_input"),
}


@pytest.mark.parametrize("case", REFUSED_IN_MESSAGES)
def test_a_message_is_refused_for(case: str) -> None:
    blocks, problem = REFUSED_IN_MESSAGES[case]

    with pytest.raises(SlackError) as refusal:
        judge_message(blocks)

    assert refusal.value.error == "invalid_blocks"
    assert problem in " ".join(refusal.value.extra["response_metadata"]["messages"])


REFUSED_IN_MODALS = {
    "a title of 25 characters": (
        modal(title=plain("x" * 25)),
        "must be less than 25 characters [json-pointer:/view/title/text]",
    ),
    "a title in mrkdwn": (modal(title={"type": "mrkdwn", "text": "x"}), "of type plain_text"),
    "a submit of 25 characters": (modal(submit=plain("x" * 25)), "must be less than 25 characters"),
    "101 blocks": (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
    "private_metadata of 3,001 characters": (modal(private_metadata=TOO_LONG), "/view/private_metadata"),
    "a callback_id of 256 characters": (modal(callback_id="x" * 256), "/view/callback_id"),
    "a key nobody knows": (modal(size="big"), "invalid additional property: size"),
    "a message's markdown": (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
    "a label of 2,001 characters": (modal(text_input(label="x" * 2001)), "must be less than 2001 characters"),
    "a hint in mrkdwn": (
        modal(text_input() | {"hint": {"type": "mrkdwn", "text": "x"}}),
        "of type plain_text",
    ),
    "a text of more than 3,000 characters": (
        modal(text_input(max_length=3001)),
        "must be between 1 and 3000",
    ),
    "an initial value of 3,001 characters": (
        modal(text_input(initial_value=TOO_LONG)),
        "must be less than 3001",
    ),
    "a button as an input": (
        modal(field({"type": "button", "text": plain("x")})),
        "unsupported type: button",
    ),
    "a number field that leaves decimals open": (
        modal(field({"type": "number_input"})),
        "missing required field: is_decimal_allowed",
    ),
    "eleven files": (modal(field({"type": "file_input", "max_files": 11})), "must be between 1 and 10"),
    "an upload that dispatches": (
        modal(field({"type": "file_input"}, dispatch_action=True)),
        "dispatch_action is not available",
    ),
    "two fields with the focus": (
        modal(text_input("a", focus_on_load=True), text_input("b", focus_on_load=True)),
        "only one element may be set to focus_on_load",
    ),
    "a dispatch nobody knows": (
        modal(text_input(dispatch_action_config={"trigger_actions_on": ["on_blur"]})),
        "must be a valid enum value",
    ),
    "a group of 101 options": (
        modal(
            field(
                {
                    "type": "static_select",
                    "option_groups": [{"label": plain("G"), "options": [option()] * 101}],
                }
            )
        ),
        "no more than 100 items",
    ),
    "a group label of 76 characters": (
        modal(
            field(
                {
                    "type": "static_select",
                    "option_groups": [{"label": plain("x" * 76), "options": [option()]}],
                }
            )
        ),
        "must be less than 76 characters",
    ),
    "a negative query length": (
        modal(field({"type": "external_select", "min_query_length": -1})),
        "must be between 0",
    ),
}


@pytest.mark.parametrize("case", REFUSED_IN_MODALS)
def test_a_modal_is_refused_for(case: str) -> None:
    view, problem = REFUSED_IN_MODALS[case]

    with pytest.raises(SlackError) as refusal:
        judge_view(view, "modal")

    assert refusal.value.error == "invalid_arguments"
    assert problem in " ".join(refusal.value.extra["response_metadata"]["messages"])


def test_an_input_block_needs_a_submit_button() -> None:
    view = modal(text_input())
    del view["submit"]

    with pytest.raises(SlackError) as refusal:
        judge_view(view, "modal")

    assert "must define `submit`" in str(refusal.value.extra)


def test_a_home_has_neither_title_nor_submit() -> None:
    with pytest.raises(SlackError) as refusal:
        judge_view({"type": "home", "blocks": [], "title": plain("x"), "submit": plain("y")}, "home")

    assert "invalid additional property: title" in str(refusal.value.extra)


def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    with pytest.raises(SlackError, match="view_too_large"):
        judge_view(modal(*[section("升" * 3000)] * 30), "modal")


@pytest.mark.parametrize(("day", "legal"), [("2028-02-29", True), ("2026-02-30", False), ("2026-13-01", False)])
def test_only_days_of_the_calendar_are_dates(day: str, legal: bool) -> None:
    picker = {"type": "actions", "elements": [{"type": "datepicker", "action_id": "d", "initial_date": day}]}
    refused = nullcontext() if legal else pytest.raises(SlackError, match="invalid_blocks")
    with refused:
        judge_message([picker])


def test_legal_blocks_may_be_too_long_together() -> None:
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        judge_message([section("x" * 2300)] * 4)
    judge_message([section("x" * 2200)] * 4)


@pytest.mark.parametrize(
    ("said", "pings"),
    [
        (
            section("<!channel> and <!subteam^S1|@team> and <@U1>"),
            ["<!channel>", "<!subteam^S1|@team>", "<@U1>"],
        ),
        (section("&lt;!channel&gt; `<#C1>` <https://x.example|x> <!date^1^{date}|x>"), []),
        ({"type": "header", "text": plain("<!channel>")}, []),
        ({"type": "context", "elements": [{"type": "mrkdwn", "text": "<!here>"}]}, ["<!here>"]),
        (rich({"type": "text", "text": "<!channel>"}), []),
        (
            rich({"type": "user", "user_id": "U1"}, {"type": "broadcast", "range": "here"}),
            ["<@U1>", "<!here>"],
        ),
    ],
)
def test_whom_a_block_would_ping_is_noted(said: Json, pings: list[str]) -> None:
    assert judge_message([said]).pings == pings


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"options": [option()] * 101},
        {"options": [option("x" * 76)]},
        {"options": [option(value="")]},
        {"options": [option()], "option_groups": []},
        {"options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "1"}]},
    ],
)
def test_a_typeahead_shows_an_error_for(answer: Json) -> None:
    assert judge_suggestions(answer)


def test_everything_at_its_limit_is_accepted() -> None:
    judge_message(
        [
            section("x" * 3000),
            {"type": "header", "text": plain("x" * 150)},
            actions(button("x" * 75, value="v" * 2000)),
        ]
    )
    judge_message([section(block_id=f"b{n}") for n in range(50)])
    judge_message([actions(button()), actions(button())])
    judge_view(modal(text_input(max_length=3000), title=plain("x" * 24), private_metadata="x" * 3000), "modal")
    judge_view(modal(*[section(block_id=f"b{n}") for n in range(100)]), "modal")
    assert not judge_suggestions({"options": []})
