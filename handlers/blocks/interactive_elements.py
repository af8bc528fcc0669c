"""Shapes of Block Kit: text that is reported while it is typed, buttons that ask first, menus of several choices."""

from collections.abc import Mapping, Sequence

from handlers.blocks import block_kit

CONFIRM_TEXT = 300


def reported_while_typed(text_input: block_kit.Element) -> block_kit.Element:
    """Return a text field of which Slack reports what is typed, not only what is submitted."""
    return text_input | {
        "dispatch": True,
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
    }


def asking(button: block_kit.Element, question: str, text: str, yes: str, no: str) -> block_kit.Element:
    """Return a button that asks a question first, so that a slip of the thumb does nothing. ``text`` is shown as is."""
    shown = block_kit.plain(text, CONFIRM_TEXT)
    confirm = {
        "title": block_kit.plain(question, 100), "text": shown,
        "confirm": block_kit.plain(yes, 30), "deny": block_kit.plain(no, 30),
    }  # fmt: skip
    return button | {"confirm": confirm}


def several(action_id: str, choices: Mapping[str, str], *, initial: Sequence[str] = ()) -> block_kit.Element:
    """Return a menu of which any number is chosen: value to text."""
    options = {value: block_kit.option(text, value) for value, text in choices.items()}
    made: block_kit.Element = {"type": "multi_static_select", "action_id": action_id, "options": list(options.values())}
    chosen = [options[value] for value in initial if value in options]
    return made | ({"initial_options": chosen} if chosen else {})
