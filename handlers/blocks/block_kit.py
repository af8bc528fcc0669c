"""The one file that knows Block Kit's shapes, Slack's limits and how text is made safe. It knows no business word.

What a person typed only ever goes into plain-text objects and rich-text elements, which Slack does not parse, or
through :func:`escape`. Limits: docs.slack.dev/reference/block-kit.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from handlers.epoch_stamps import ROOM

Block = dict[str, Any]
Element = dict[str, Any]

BUTTON, HEADER, OPTION, DESCRIPTION, TITLE, PLACEHOLDER, HINT = 75, 150, 75, 75, 24, 150, 2000
OPTION_VALUE = 150 - ROOM
ALT = 2000
MESSAGE = 9_000  # all text of a message: Slack has refused one of 11,341 characters, however legal each block
FALLBACK = 3000  # Slack truncates at 40,000 and refuses updates over 4,000; notifications show far less
SPOKEN = 300
"""So many characters of one text are read aloud in the top-level text of a message."""
_OPEN = re.compile(r"(?:<[^<>]*|&[a-z]{0,3})$")
_LOOK_ALIKE = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb"})
_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
"""An underscore at the edge of a word; inside one, Slack shows it as it is."""
_CLUSTER = re.compile(r"(?:[\ufe00-\ufe0f\u0300-\u036f\u20e3\u200d]|[\U0001f3fb-\U0001f3ff])")


def escape(text: str) -> str:
    """Escape a text for a place that Slack parses: no mention, link or mark can come of it.

    Slack knows no escape for its marks, so signs that look alike take their place.
    """
    return _EDGE.sub("\u02cd", entities(text).translate(_LOOK_ALIKE))


def entities(text: str) -> str:
    """Escape a text where Slack reads mentions and links but shows no marks: the top-level text of a message."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Return what Slack escaped in a message or command, as it was typed; ``escape`` is for the way out."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clip(text: str, limit: int) -> str:
    """Cut a text to ``limit`` characters with an ellipsis, never inside a joined emoji or an accent."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (_CLUSTER.match(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[: end or limit - 1].rstrip() + "…"


def plain(text: str, limit: int = 3000) -> Element:
    """Return a plain-text object: shown to the letter. Slack refuses empty ones, so nothing becomes a dash."""
    return {"type": "plain_text", "text": clip(text, limit) or "–", "emoji": False}


def mention(user: str) -> str:
    """Mention a person in a parsed text. Anything that is not a user id is shown as text."""
    return f"<@{user}>" if re.fullmatch(r"[UW][A-Z0-9]{2,}", user) else escape(user)


def group(usergroup: str) -> str:
    """Mention a user group in a parsed text: it notifies everybody in it."""
    return f"<!subteam^{usergroup}>" if re.fullmatch(r"S[A-Z0-9]{2,}", usergroup) else escape(usergroup)


WORDED, NUMERIC, TIME_FIRST = "{date_short_pretty} {time}", "{date_num} {time}", "{time} {date_short_pretty}"
"""How Slack writes an instant: “Today 18:03”, “2026-11-30 18:03” for two languages, “18:03 today” within English."""


def moment(at: datetime, shape: str = WORDED) -> str:
    """Return an instant for a parsed text in each reader's own zone."""
    return f"<!date^{int(at.timestamp())}^{shape}|{at:%Y-%m-%d %H:%M} UTC>"


def header(text: str) -> Block:
    """Return a large line."""
    return {"type": "header", "text": plain(text, HEADER)}


def parsed(markdown: str) -> Element:
    """Return a text object of our own words, with mentions and dates; typed text in it must be escaped."""
    return {"type": "mrkdwn", "text": clip(markdown, 3000), "verbatim": True}


def section(markdown: str, accessory: Element | None = None) -> Block:
    """Return a paragraph of our own words; typed text in it must have gone through :func:`escape`."""
    block: Block = {"type": "section", "text": parsed(markdown)}
    return block | ({"accessory": accessory} if accessory else {})


def picture(file: str, alt: str) -> Block:
    """Return a picture that Slack keeps under this id; ``alt`` describes it in words."""
    return {"type": "image", "slack_file": {"id": file}, "alt_text": clip(alt, ALT)}


def aside(*texts: Element) -> Block:
    """Return a small grey line of text objects. A plain one is never parsed, so it is for typed text."""
    return {"type": "context", "elements": list(texts)}


def context(markdown: str) -> Block:
    """Return a small grey line of our own words."""
    return aside(parsed(markdown))


def divider() -> Block:
    """Return a line across."""
    return {"type": "divider"}


def actions(elements: Sequence[Element], block_id: str | None = None) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(elements)[:25]} | ({"block_id": block_id} if block_id else {})


def button(text: str, action_id: str, value: str = "", style: str | None = None) -> Element:
    """Return one button; ``style`` is ``primary`` or ``danger``."""
    made: Element = {"type": "button", "text": plain(text, BUTTON), "action_id": action_id}
    return made | ({"value": value} if value else {}) | ({"style": style} if style else {})


def menu(action_id: str, placeholder: str, choices: Sequence[tuple[str, str]]) -> Element:
    """Return a menu of further choices beside buttons: pairs of text and value."""
    options = [option(text, value) for text, value in choices]
    shown = plain(placeholder, PLACEHOLDER)
    return {"type": "static_select", "action_id": action_id, "placeholder": shown, "options": options}


def option(text: str, value: str, description: str | None = None) -> Element:
    """Return one choice."""
    made: Element = {"text": plain(text, OPTION), "value": value}
    return made | ({"description": plain(description, DESCRIPTION)} if description else {})


# What is read aloud ---------------------------------------------------------------------------------------------


def fallback_text(blocks: Sequence[Block]) -> str:
    """Return the facts of a message as its top-level text, for notifications and screen readers.

    Buttons and menus are left out. Long texts are cut.
    """
    return cut("\n".join(filter(None, map(_block_text, blocks))), FALLBACK)


def _block_text(block: Block) -> str:
    texts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
    if block["type"] == "actions":
        return ""
    if block["type"] == "image":
        return entities(clip(str(block.get("alt_text") or ""), SPOKEN))
    element_texts = (_element_text(text) for text in texts if text)
    return (" · " if block["type"] == "context" else "\n").join(
        filter(None, (text_part.strip() for text_part in element_texts))
    )


def _element_text(element: Element) -> str:
    """Return one object of a block for a text that Slack parses."""
    match element["type"]:
        case "mrkdwn":
            return cut(element["text"], SPOKEN)
        case "plain_text" | "text":
            return entities(clip(element["text"], SPOKEN))
        case "link":
            return entities(element.get("text") or element["url"])
        case "user" | "usergroup":
            return group(element["usergroup_id"]) if "usergroup_id" in element else mention(element["user_id"])
        case "date":
            return moment(datetime.fromtimestamp(element["timestamp"], UTC))
        case _:
            return "".join(_element_text(child) for child in element.get("elements", ()))


def cut(markdown: str, limit: int) -> str:
    """Cut a parsed text, never inside a mention, a date or an escaped sign."""
    return markdown if len(markdown) <= limit else _OPEN.sub("", markdown[: limit - 1]) + "…"


# Rich text ------------------------------------------------------------------------------------------------------


def run(text: str, *styles: str) -> Element:
    """Return a run of text to the letter; styles are ``bold``, ``italic``, ``code``, ``strike``."""
    return {"type": "text", "text": text or " "} | ({"style": dict.fromkeys(styles, True)} if styles else {})


def person(user: str) -> Element:
    """Return a person in rich text."""
    is_user = re.fullmatch(r"[UW][A-Z0-9]{2,}", user)
    return {"type": "user", "user_id": user} if is_user else run(user)


def user_group(usergroup: str) -> Element:
    """Return a user group in rich text: it notifies everybody in it."""
    is_group = re.fullmatch(r"S[A-Z0-9]{2,}", usergroup)
    return {"type": "usergroup", "usergroup_id": usergroup} if is_group else run(usergroup)


def link(url: str, text: str) -> Element:
    """Return a link in rich text, to an address of ours."""
    return {"type": "link", "url": url, "text": text, "style": {"bold": True}}


def permalink(workspace: str, channel: str, ts: str) -> str:
    """Return the address of a message in the workspace of this address; empty while that is not known."""
    return f"{workspace.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}" if workspace else ""


def when(at: datetime, shape: str = WORDED) -> Element:
    """Return an instant in rich text, in each reader's own zone."""
    fallback = f"{at:%Y-%m-%d %H:%M} UTC"
    return {"type": "date", "timestamp": int(at.timestamp()), "format": shape, "fallback": fallback}


def line(*elements: Element) -> Element:
    """Return a paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(elements)}


def quote(text: str) -> Element:
    """Return what somebody wrote, set apart."""
    return {"type": "rich_text_quote", "elements": [run(text)]}


def preformatted(text: str) -> Element:
    """Return text to be copied."""
    return {"type": "rich_text_preformatted", "elements": [run(text)]}


def rich(*elements: Element, block_id: str | None = None) -> Block:
    """Return a block of rich text."""
    return {"type": "rich_text", "elements": list(elements)} | ({"block_id": block_id} if block_id else {})


def list_title(text: str) -> Block:
    """Return the title of a list or of one of its parts: a bold line."""
    return rich(line(run(text, "bold")))


def facts(pairs: Iterable[tuple[str, Sequence[Element]]], colon: str) -> Element:
    """Label and value, a line each, in one paragraph."""
    elements: list[Element] = []
    for label, value in pairs:
        start = "\n" if elements else ""
        elements += [run(f"{start}{label}{colon}", "bold"), *value]
    return line(*elements)


# Forms ----------------------------------------------------------------------------------------------------------


def modal(callback_id: str, title: str, blocks: Sequence[Block], close: str, **more: Any) -> Block:
    """Return a modal; ``submit`` (text) and ``private_metadata`` may be among ``more``."""
    submit = {"submit": plain(more.pop("submit"), TITLE)} if "submit" in more else {}
    shape = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, TITLE),
        "close": plain(close, TITLE),
    }
    return shape | submit | {"blocks": list(blocks)} | more


def field(block_id: str, label: str, element: Element, *, hint: str = "", optional: bool = False) -> Block:
    """Return one field of a form. Answers that change the form are reported at once when the element asks for it."""
    dispatch = element.pop("dispatch", False)
    block: Block = {"type": "input", "block_id": block_id, "label": plain(label), "element": element}
    block |= {"optional": True} if optional else {}
    block |= {"hint": plain(hint, HINT)} if hint else {}
    return block | ({"dispatch_action": True} if dispatch else {})


def text_input(action_id: str, limit: int, *, lines: bool = False, initial: str = "", placeholder: str = "") -> Element:
    """Return a text field; ``lines`` makes it a box of several lines."""
    made: Element = {"type": "plain_text_input", "action_id": action_id, "max_length": limit}
    made |= {"multiline": True} if lines else {}
    made |= {"initial_value": clip(initial, limit)} if initial else {}
    return made | ({"placeholder": plain(placeholder, PLACEHOLDER)} if placeholder else {})


def select(action_id: str, choices: Mapping[str, str], *, initial: str = "", dispatch: bool = False) -> Element:
    """Return a menu: value to text."""
    options = {value: option(text, value) for value, text in choices.items()}
    made: Element = {"type": "static_select", "action_id": action_id, "options": list(options.values())}
    made |= {"initial_option": options[initial]} if initial in options else {}
    return made | {"dispatch": dispatch}


def radio(action_id: str, options: Sequence[Element], *, initial: str = "", dispatch: bool = False) -> Element:
    """Return a few choices with descriptions, one of which is taken."""
    made: Element = {"type": "radio_buttons", "action_id": action_id, "options": list(options)}
    chosen = [choice for choice in options if choice["value"] == initial]
    made |= {"initial_option": chosen[0]} if chosen else {}
    return made | {"dispatch": dispatch}


def checkboxes(
    action_id: str, choices: Mapping[str, str], *, initial: Sequence[str] = (), dispatch: bool = False
) -> Element:
    """Return a few choices, any of which are taken."""
    options = {value: option(text, value) for value, text in choices.items()}
    made: Element = {"type": "checkboxes", "action_id": action_id, "options": list(options.values())}
    chosen = [options[value] for value in initial if value in options]
    return made | ({"initial_options": chosen} if chosen else {}) | {"dispatch": dispatch}


def typeahead(action_id: str, placeholder: str, initial: tuple[str, str] | None = None) -> Element:
    """Return a menu whose choices we suggest while the person types; ``initial`` is text and value."""
    made: Element = {"type": "external_select", "action_id": action_id, "min_query_length": 0}
    made |= {"placeholder": plain(placeholder, PLACEHOLDER)}
    return made | ({"initial_option": option(*initial)} if initial else {})


def people(action_id: str, initial: str = "") -> Element:
    """Return a menu of the workspace's people."""
    return {"type": "users_select", "action_id": action_id} | ({"initial_user": initial} if initial else {})


def date_and_time(action_id: str, initial: int | None = None) -> Element:
    """Return a date and a time; the answer is in seconds since 1970."""
    return {"type": "datetimepicker", "action_id": action_id} | ({"initial_date_time": initial} if initial else {})


def date(action_id: str, initial: str = "") -> Element:
    """Return a date; the answer is ``2026-01-05``."""
    return {"type": "datepicker", "action_id": action_id} | ({"initial_date": initial} if initial else {})


def clock(action_id: str, initial: str = "") -> Element:
    """Return a time of the day; the answer is ``08:30``."""
    return {"type": "timepicker", "action_id": action_id} | ({"initial_time": initial} if initial else {})


def several_people(action_id: str, initial: Sequence[str] = ()) -> Element:
    """Return a menu of the workspace's people of whom any number is chosen, in order."""
    return {"type": "multi_users_select", "action_id": action_id} | (
        {"initial_users": list(initial)} if initial else {}
    )
