"""E-mail by the mail server of the installation. It wakes nobody at night, and serves as a written record."""

import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime

from bot.clock import Clock
from bot.http_client import addresses
from bot.reach.channel import RATE_LIMIT_PAUSE, UNSENT_PAUSE, PageText
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress

_TIMEOUT = 15.0
"""Seconds for each wait on the network."""
_FOR_GOOD = (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError, addresses.AddressRefused)
"""The file or the server must be changed."""
_PORTS = {"starttls": 587, "implicit": 465, "none": 25}


class _Server(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect, as the library asks for it, to an address that was checked."""
        return addresses.connect(host, port, timeout)


class _TlsServer(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect, as the library asks for it, to an address that was checked."""
        return self.context.wrap_socket(addresses.connect(host, port, timeout), server_hostname=host)


class Email:
    """Sends one e-mail for each page."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        message = EmailMessage()
        message["From"], message["To"] = address.fields["sender"], address.fields["to"]
        message["Subject"], message["Date"] = page.title, format_datetime(self._clock.now())
        message["Message-ID"] = f"<{page.id}@csp-escalate>"
        message.set_content(page.text, cte="base64")  # not every server takes eight bits
        may_be_sent = False
        try:
            server = _connect(address)
            may_be_sent = True
            try:
                server.send_message(message)
            finally:
                _close(server)
        except smtplib.SMTPRecipientsRefused as error:
            return _explain(next(iter(error.recipients.values()))[0])
        except smtplib.SMTPResponseException as error:
            return _explain(error.smtp_code)
        except _FOR_GOOD as error:
            return PageAnswer(PageStatus.REFUSED, type(error).__name__)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            code = type(error).__name__
            if may_be_sent:
                return PageAnswer(PageStatus.UNKNOWN, code)
            return PageAnswer(PageStatus.REFUSED, code, UNSENT_PAUSE)
        return PageAnswer(PageStatus.ACCEPTED, "250")


def _close(server: smtplib.SMTP) -> None:
    """Close a connection in order. What the server accepted stays accepted, whatever it answers to that."""
    with suppress(OSError, smtplib.SMTPException):
        server.quit()
    server.close()


def _explain(code: int) -> PageAnswer:
    """Return what a reply of the server means: 4xx may be tried again, 5xx not."""
    return PageAnswer(PageStatus.REFUSED, f"smtp_{code}", RATE_LIMIT_PAUSE if code < 500 else None)


def _connect(address: ReachAddress) -> smtplib.SMTP:
    tls = address.fields.get("tls", "starttls")
    host, _, port = address.fields["server"].partition(":")
    number = int(port or _PORTS[tls])
    if tls == "implicit":
        server: smtplib.SMTP = _TlsServer(host, number, timeout=_TIMEOUT, context=ssl.create_default_context())
    else:
        server = _Server(host, number, timeout=_TIMEOUT)
    try:
        if tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        if user := address.fields.get("user"):
            server.login(user, address.fields.get("password", ""))
    except BaseException:
        server.close()
        raise
    return server
