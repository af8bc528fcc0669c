"""Every other service, by the package apprise where it is installed (``pip install csp-escalate[apprise]``).

Apprise reports success for some refusals of WeCom and DingTalk, so these have drivers of their own.
"""

import logging
from importlib import import_module, util

from bot.reach.channel import PageText
from models.rules.reach.page import PageAnswer, PageEnd
from models.rules.reach.reach_plan import ReachAddress

MISSING = "apprise_missing"
"""The code where the package is not installed."""


class OtherServices:
    """Sends by apprise. It says only whether it believes that a page was taken."""

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        if util.find_spec("apprise") is None:
            return PageAnswer(PageEnd.REFUSED, MISSING)
        library = import_module("apprise")
        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines quote addresses
        sender = library.Apprise()
        if not sender.add(address.fields["url"]):
            return PageAnswer(PageEnd.REFUSED, "address")
        was_taken = sender.notify(title=page.title, body=page.text)
        # A time-out looks like a refusal, so what is not taken is unknown.
        return PageAnswer(PageEnd.ACCEPTED, "ok") if was_taken else PageAnswer(PageEnd.UNKNOWN, "not_taken")
