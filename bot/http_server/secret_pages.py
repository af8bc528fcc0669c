"""What pages at secret addresses share: their headers, and how often all of them together are answered."""

from collections.abc import Mapping

from aiohttp import web

PER_SERVER = 300
"""Requests a minute for all pages of one kind together."""
RETRY_LATER = {"Retry-After": "60"}
"""The header of a page that can't be shown now."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
}


def make_headers(style_source: str, form_action: str = "'none'") -> dict[str, str]:
    """Return the headers of pages without scripts. The arguments are sources of a Content-Security-Policy."""
    policy = f"default-src 'none'; style-src {style_source}; form-action {form_action}; base-uri 'none'"
    return {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'", **_HEADERS}


def answer_page(html: str, status: int, headers: Mapping[str, str]) -> web.Response:
    """Return the answer that shows a page."""
    return web.Response(text=html, status=status, content_type="text/html", headers=headers)
