"""Slack's Block Kit limits in one place: what a block may hold, how long, how many, and where.

Sources: Slack's Block Kit reference (docs.slack.dev/reference/block-kit) and the types of its SDKs. Newer block types
that the bot does not use (table, card, alert, ...) are unknown here. They are refused as unsupported and reported, so
that none is missed.
"""

import re
from typing import Any

from bot.sandbox.checks import (
    CheckReport,
    Rule,
    a_date,
    any_of,
    boolean,
    each,
    focus,
    integer,
    matching,
    one_of,
    plain,
    shape,
    string,
    text,
    typed,
    url,
)
from bot.sandbox.rich_text import RICH_TEXT

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_BLOCK_TEXT = 9_000  # undocumented: Slack has refused 11,341 characters of legal blocks; some margin below
POST_TEXT, UPDATE_TEXT = 40_000, 4_000
VIEW_BYTES, METADATA_BYTES = 250_000, 16_000
MARKDOWN_TEXT = 12_000
OPTIONS = 100


def action_id(value: Any, at: str, report: CheckReport) -> None:
    """Check an action_id."""
    string(255, 1)(value, at, report)
    if value in report.action_ids:
        report.say(f'`action_id` "{value}" already exists for another element of this block', at)
    report.action_ids.add(str(value))


def block_id(value: Any, at: str, report: CheckReport) -> None:
    """Check a block_id."""
    string(255)(value, at, report)
    if value in report.block_ids:
        report.say(f'`block_id` "{value}" already exists for another block', at)
    report.block_ids.add(str(value))


CONFIRM = shape(
    {
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": one_of("primary", "danger"),
    },
    required=("title", "text", "confirm", "deny"),
)
OPTION = shape(
    {"text": plain(75), "value": string(150, 1), "description": plain(75)},
    required=("text", "value"),
)
CHOICE = shape(  # of checkboxes and radio buttons: these alone may use mrkdwn
    {"text": text(75), "value": string(150, 1), "description": text(75)},
    required=("text", "value"),
)
OVERFLOW_OPTION = shape(
    {"text": plain(75), "value": string(150, 1), "description": plain(75), "url": url()},
    required=("text", "value"),
)
OPTION_GROUP = shape({"label": plain(75), "options": each(OPTION, OPTIONS)}, required=("label", "options"))
DISPATCH = shape({"trigger_actions_on": each(one_of("on_enter_pressed", "on_character_entered"), 2)})


def initial_is_an_option(value: Any, at: str, report: CheckReport) -> None:
    """Check that an initial option is one of the options, word for word."""
    groups = value.get("option_groups") or [{"options": value.get("options") or []}]
    grouped_options = [option for group in groups if isinstance(group, dict) for option in group.get("options") or []]
    wanted = value.get("initial_options") or ([value["initial_option"]] if "initial_option" in value else [])
    for option in wanted if isinstance(wanted, list) else []:
        if option not in grouped_options:
            report.say("initial option must exactly match one of the options", at)


COMMON: dict[str, Rule] = {"action_id": action_id, "focus_on_load": focus, "confirm": CONFIRM}
MENU: dict[str, Rule] = {**COMMON, "placeholder": plain(150)}
MULTI: dict[str, Rule] = {**MENU, "max_selected_items": integer(1)}
LISTED: dict[str, Rule] = {"options": each(OPTION, OPTIONS), "option_groups": each(OPTION_GROUP, OPTIONS)}
TYPED: dict[str, Rule] = {
    "action_id": action_id,
    "focus_on_load": focus,
    "placeholder": plain(150),
    "dispatch_action_config": DISPATCH,
}
FILTER = shape(
    {
        "include": each(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)
ANY_CONVERSATION: dict[str, Rule] = {
    "default_to_current_conversation": boolean,
    "response_url_enabled": boolean,
    "filter": FILTER,
}
ID = string(64, 1)
FILE_ID = r"^[F][A-Z0-9]{8,}$"


def file_id(value: Any, at: str, report: CheckReport) -> None:
    """Check the id of a file."""
    if not isinstance(value, str) or not re.match(FILE_ID, value):
        report.say(f"input must match regex pattern: {FILE_ID}", at)


def slack_file(value: Any, at: str, report: CheckReport) -> None:
    """Check a picture in Slack, by id or address. Only a workspace knows which picture it is."""
    problems = len(report.problems)
    SLACK_FILE(value, at, report)
    if len(report.problems) == problems:
        report.files.append((at, value))


SLACK_FILE = shape({"id": file_id, "url": url()}, either=("id", "url"))
IMAGE: dict[str, Rule] = {
    "image_url": url(),
    "slack_file": slack_file,
    "alt_text": string(2000, 1),
}


def chosen_from(initial: str, rule: Rule, **more: Rule) -> Rule:
    """Accept a menu whose choices Slack itself knows: people, channels, conversations."""
    return shape({**MENU, initial: rule, **more})


def many_from(initial: str, rule: Rule, **more: Rule) -> Rule:
    """Accept a multi-select menu whose choices Slack itself knows."""
    return shape({**MULTI, initial: each(rule, OPTIONS), **more})


ELEMENTS: dict[str, Rule] = {
    "button": shape(
        {
            "action_id": action_id,
            "confirm": CONFIRM,
            "text": plain(75),
            "value": string(2000),
            "url": url(),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
        required=("text",),
    ),
    "static_select": shape(
        {**MENU, **LISTED, "initial_option": OPTION},
        either=("options", "option_groups"),
        also=initial_is_an_option,
    ),
    "multi_static_select": shape(
        {**MULTI, **LISTED, "initial_options": each(OPTION, OPTIONS)},
        either=("options", "option_groups"),
        also=initial_is_an_option,
    ),
    "external_select": shape({**MENU, "min_query_length": integer(0), "initial_option": OPTION}),
    "multi_external_select": shape({**MULTI, "min_query_length": integer(0), "initial_options": each(OPTION, OPTIONS)}),
    "users_select": chosen_from("initial_user", ID),
    "multi_users_select": many_from("initial_users", ID),
    "conversations_select": chosen_from("initial_conversation", ID, **ANY_CONVERSATION),
    "multi_conversations_select": many_from("initial_conversations", ID, **ANY_CONVERSATION),
    "channels_select": chosen_from("initial_channel", ID, response_url_enabled=boolean),
    "multi_channels_select": many_from("initial_channels", ID),
    "checkboxes": shape(
        {**COMMON, "options": each(CHOICE, 10), "initial_options": each(CHOICE, 10)},
        required=("options",),
        also=initial_is_an_option,
    ),
    "radio_buttons": shape(
        {**COMMON, "options": each(CHOICE, 10), "initial_option": CHOICE},
        required=("options",),
        also=initial_is_an_option,
    ),
    "overflow": shape(
        {"action_id": action_id, "confirm": CONFIRM, "options": each(OVERFLOW_OPTION, 5)},
        required=("options",),
    ),
    "plain_text_input": shape(
        {
            **TYPED,
            "multiline": boolean,
            "initial_value": string(3000),
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        }
    ),
    "number_input": shape(
        {
            **TYPED,
            "is_decimal_allowed": boolean,
            "initial_value": string(100, 1),
            "min_value": string(100, 1),
            "max_value": string(100, 1),
        },
        required=("is_decimal_allowed",),
    ),
    "email_text_input": shape({**TYPED, "initial_value": string(3000)}),
    "url_text_input": shape({**TYPED, "initial_value": string(3000)}),
    "datepicker": shape({**MENU, "initial_date": a_date}),
    "timepicker": shape(
        {
            **MENU,
            "initial_time": matching(r"([01]\d|2[0-3]):[0-5]\d", "a time HH:mm"),
            "timezone": string(255, 1),
        }
    ),
    "datetimepicker": shape({**COMMON, "initial_date_time": integer(10**9, 10**10 - 1)}),
    "rich_text_input": shape(
        {**TYPED, "initial_value": RICH_TEXT, "min_lines": integer(1, 100), "max_lines": integer(1, 100)}
    ),
    "file_input": shape({"action_id": action_id, "filetypes": each(string(20, 1), 100), "max_files": integer(1, 10)}),
    "image": shape(IMAGE, required=("alt_text",), either=("image_url", "slack_file")),
    "mrkdwn": text(3000),
    "plain_text": text(3000),
}

SELECTS = frozenset(kind for kind in ELEMENTS if kind.endswith("_select"))
PICKERS = frozenset({"checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"})
INPUTS = frozenset(kind for kind in ELEMENTS if kind.endswith("_input"))
IN_SECTION = (SELECTS | PICKERS | {"button", "overflow", "image"}) - {"datetimepicker"}
IN_ACTIONS = {kind for kind in SELECTS if not kind.startswith("multi_")} | PICKERS | {"button", "overflow"}
IN_INPUT = SELECTS | PICKERS | INPUTS
IN_CONTEXT = {"image", "mrkdwn", "plain_text"}


def element(allowed: frozenset[str] | set[str]) -> Rule:
    """Accept an interactive element of these types."""
    return typed(ELEMENTS, allowed, ELEMENTS)


def input_fits(value: Any, at: str, report: CheckReport) -> None:
    """Check that the element of an input block may stand there."""
    kind = (value.get("element") or {}).get("type") if isinstance(value.get("element"), dict) else None
    if kind in {"file_input", "rich_text_input"} and value.get("dispatch_action"):
        report.say(f"dispatch_action is not available for {kind}", at)


def markdown_fits(value: Any, at: str, report: CheckReport) -> None:
    """Check the total length of the markdown blocks."""
    report.markdown_length += len(value.get("text") or "")
    if report.markdown_length > MARKDOWN_TEXT:
        report.say(f"markdown text of all blocks must be less than {MARKDOWN_TEXT + 1} characters", at)


BLOCKS: dict[str, Rule] = {
    "section": shape(
        {
            "block_id": block_id,
            "text": text(3000),
            "fields": each(text(2000), 10),
            "accessory": element(IN_SECTION),
            "expand": boolean,
        },
        also=any_of(("text", "fields")),
    ),
    "header": shape({"block_id": block_id, "text": plain(150), "level": integer(1, 4)}, required=("text",)),
    "context": shape({"block_id": block_id, "elements": each(element(IN_CONTEXT), 10)}, required=("elements",)),
    "actions": shape({"block_id": block_id, "elements": each(element(IN_ACTIONS), 25)}, required=("elements",)),
    "divider": shape({"block_id": block_id}),
    "image": shape(
        {"block_id": block_id, "title": plain(2000), **IMAGE},
        required=("alt_text",),
        either=("image_url", "slack_file"),
    ),
    "input": shape(
        {
            "block_id": block_id,
            "label": plain(2000),
            "element": element(IN_INPUT),
            "hint": plain(2000),
            "optional": boolean,
            "dispatch_action": boolean,
        },
        required=("label", "element"),
        also=input_fits,
    ),
    "rich_text": RICH_TEXT,
    "markdown": shape({"block_id": block_id, "text": string(MARKDOWN_TEXT, 1)}, required=("text",), also=markdown_fits),
}
EVERYWHERE = frozenset({"section", "header", "context", "actions", "divider", "image", "input", "rich_text"})
SURFACES = {"message": EVERYWHERE | {"markdown"}, "modal": EVERYWHERE, "home": EVERYWHERE}
VIEW_KEYS: dict[str, Rule] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
MODAL_KEYS: dict[str, Rule] = VIEW_KEYS | {
    "title": plain(24),
    "close": plain(24),
    "submit": plain(24),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
}
