"""What every page for people without Slack begins and ends with. It has no script and loads nothing."""

from html import escape


def frame_page(language: str, title: str, styles: str, body: str, head: str = "") -> str:
    """Return a whole page. ``language`` is a catalogue's; ``body`` and ``head`` are HTML, everything else is text."""
    return (
        f'<!doctype html>\n<html lang="{name_language(language)}">\n<head>\n<meta charset="utf-8">\n{head}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{styles}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def name_language(language: str) -> str:
    """Return a language of the catalogue as HTML names it."""
    return "zh-CN" if language == "zh_CN" else "en"
