"""Every other service, by the package apprise where it is installed (``pip install csp-escalate[apprise]``).

Apprise says only whether it believes that a page was taken, and takes a time-out for a refusal: what it did not take is
unknown. For WeCom, DingTalk and Feishu it takes HTTP 200 for success, also with a refusal in the answer. These have
channels of their own, and their addresses are refused here.
"""

import logging
from importlib import import_module, util

from bot.http_client import addresses
from bot.reach.channel import PageText
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress

MISSING, HAS_CHANNEL = "apprise_missing", "use_own_channel"
"""The codes where the package is not installed, and for a service that has a channel of its own."""
OWN = frozenset({"wecombot", "dingtalk", "feishu", "lark"})
QUIET = ("apprise", "urllib3", "requests")
"""Loggers whose lines quote addresses."""


def find_obstacle(address: ReachAddress) -> str:
    """Return the code of what keeps an address from being used by apprise; empty when nothing does."""
    if address.fields["url"].partition("://")[0].lower() in OWN:
        return HAS_CHANNEL
    return "" if util.find_spec("apprise") else MISSING


class OtherServices:
    """Sends by apprise, without following redirects."""

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        if obstacle := find_obstacle(address):
            return PageAnswer(PageStatus.REFUSED, obstacle)
        if addresses.leads_to_metadata(address.fields["url"]):
            return PageAnswer(PageStatus.REFUSED, addresses.AddressRefused.__name__)
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        library = import_module("apprise")
        sender = library.Apprise(asset=library.AppriseAsset(http_redirects=False))
        if not sender.add(address.fields["url"]):
            return PageAnswer(PageStatus.REFUSED, "address")
        was_taken = sender.notify(title=page.title, body=page.text)
        return PageAnswer(PageStatus.ACCEPTED, "ok") if was_taken else PageAnswer(PageStatus.UNKNOWN, "not_taken")
