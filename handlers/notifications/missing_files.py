"""What a message says in place of a file or a picture that could not be made, or that Slack refused."""

from handlers.blocks import block_kit
from handlers.i18n.words import Words


def explain_missing_file(error: str, title: str, words: Words) -> str:
    """Return why a file is missing. ``error`` is Slack's error code; empty when the file could not be written."""
    if not error:
        return f"{title}\n⚠️ {words('The file could not be written. Please try again.')}"
    why = words("The file is missing: Slack did not take it ({error}).", error=block_kit.escape(error))
    return f"{title}\n⚠️ {why}"


def explain_missing_picture(error: str, words: Words) -> str:
    """Return why a picture is missing. ``error`` is Slack's error code; empty when it could not be drawn."""
    if not error:
        return words("The picture is missing: it could not be drawn. Run `csp-escalate doctor`.")
    return words("The picture is missing: Slack did not take it ({error}).", error=block_kit.escape(error))
