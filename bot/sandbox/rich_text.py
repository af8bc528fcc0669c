"""The rich_text block and its elements: the one block whose text Slack never parses. Limits only."""

from typing import Any

from bot.sandbox.checks import CheckReport, Rule, boolean, each, integer, one_of, shape, string, typed, url

STYLE = shape(dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean))
BORDER: dict[str, Rule] = {"border": integer(0, 1)}


def _pinging(key: str, wrap: str) -> Rule:
    """Accept an element that stands for people; its mention is noted."""

    def check(value: Any, at: str, report: CheckReport) -> None:  # noqa: ARG001 - every rule is called alike
        report.pings.append(wrap.format(value.get(key)))

    return check


def _counted(value: Any, at: str, report: CheckReport) -> None:  # noqa: ARG001 - every rule is called alike
    report.text_length += len(value.get("text") or "")


ID = string(64, 1)
INLINE: dict[str, Rule] = {
    "text": shape({"text": string(40_000, 1), "style": STYLE}, required=("text",), also=_counted),
    "link": shape(
        {"url": url(), "text": string(40_000), "style": STYLE, "unsafe": boolean},
        required=("url",),
        also=_counted,
    ),
    "emoji": shape(
        {"name": string(255, 1), "unicode": string(255), "skin_tone": integer(1, 6), "style": STYLE},
        required=("name",),
    ),
    "user": shape({"user_id": ID, "style": STYLE}, required=("user_id",), also=_pinging("user_id", "<@{}>")),
    "usergroup": shape(
        {"usergroup_id": ID, "style": STYLE},
        required=("usergroup_id",),
        also=_pinging("usergroup_id", "<!subteam^{}>"),
    ),
    "broadcast": shape(
        {"range": one_of("here", "channel", "everyone"), "style": STYLE},
        required=("range",),
        also=_pinging("range", "<!{}>"),
    ),
    "channel": shape({"channel_id": ID, "style": STYLE}, required=("channel_id",)),
    "team": shape({"team_id": ID, "style": STYLE}, required=("team_id",)),
    "color": shape({"value": string(20, 1), "style": STYLE}, required=("value",)),
    "date": shape(
        {
            "timestamp": integer(),
            "format": string(255, 1),
            "url": url(),
            "fallback": string(255),
            "style": STYLE,
        },
        required=("timestamp", "format"),
    ),
}
TEXT = each(typed(INLINE, INLINE, INLINE), 1000, 0)
PARTS: dict[str, Rule] = {
    "rich_text_section": shape({"elements": TEXT}, required=("elements",)),
    "rich_text_preformatted": shape({"elements": TEXT, "language": string(50), **BORDER}, required=("elements",)),
    "rich_text_quote": shape({"elements": TEXT, **BORDER}, required=("elements",)),
}
SECTIONS = each(typed(PARTS, {"rich_text_section"}, PARTS), 1000)
PARTS["rich_text_list"] = shape(
    {
        "elements": SECTIONS,
        "style": one_of("bullet", "ordered"),
        "indent": integer(0, 8),
        "offset": integer(0),
        **BORDER,
    },
    required=("elements", "style"),
)


def _block_id(value: Any, at: str, report: CheckReport) -> None:
    string(255)(value, at, report)
    if value in report.block_ids:
        report.say(f'`block_id` "{value}" already exists for another block', at)
    report.block_ids.add(str(value))


RICH_TEXT = shape({"block_id": _block_id, "elements": each(typed(PARTS, PARTS, PARTS), 1000)}, required=("elements",))
