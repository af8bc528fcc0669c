"""What the services outside Slack answer, in words: a fact and a next step for each code that is known.

The codes are those that the drivers of ``bot.reach`` know, and the names of our own failures.
"""

import re
from dataclasses import dataclass

from handlers.i18n.words import N_, Words
from models.rules.reach.channels import Channel
from models.rules.reach.page import KEPT_FOR_CASES, KEPT_FREE, SUCCESSFUL, TOLD_TOGETHER, WAITS_FOR_LIMIT, PageStatus


@dataclass(frozen=True)
class AnswerWords:
    """What a code means. ``step`` is empty where nothing is to be done."""

    fact: str
    step: str = ""


_URGENT = "urgent "
"""How the code of a message begins whose text arrived and which could not ring."""
_RANG = {
    "urgent phone": N_("It rang as a call."),
    "urgent sms": N_("It was sent as an SMS too."),
    "urgent app": N_("It was marked urgent in the app."),
}
"""How an accepted message of Feishu's app rang, by the code of its page."""
_ADDRESS = AnswerWords(
    N_("The service knows no robot at this address."),
    N_("The robot was removed, or its address is not complete: copy “url” from the robot into the reach file again."),
)
_SECURITY = AnswerWords(
    N_("The security settings of the robot refuse the message."),
    N_(
        "Compare its “secret”, “keyword” and allowed IP addresses with the reach file and this machine, and its clock "
        "too."
    ),
)
_SIGNATURE = AnswerWords(
    N_("The signature is not accepted."), N_("Correct “secret” in the reach file, and check this machine's clock.")
)
_KEYWORD = AnswerWords(
    N_("The message lacks the keyword of the robot."), N_("Write the robot's “keyword” into the reach file.")
)
_IP = AnswerWords(
    N_("The service takes nothing from the IP address of this machine."),
    N_("Add that address to the trusted IP addresses of the robot or app."),
)
_CREDENTIALS = AnswerWords(
    N_("The service does not accept the app's ID and secret."),
    N_("Copy both from the app's page into the reach file again."),
)
_AGENT = AnswerWords(
    N_("The service does not accept the app."),
    N_("Correct “agent_id” and “corp_id” in the reach file; the secret must be that of the same app."),
)
_RIGHTS = AnswerWords(
    N_("The app lacks a permission."), N_("Give the app the permission to send messages, and publish it again.")
)
_UNSEEN = AnswerWords(
    N_("The service knows no such person, or the app is not available to them."),
    N_("Correct “to” in the reach file, or add the person to those who may use the app."),
)
_OFF = AnswerWords(N_("The app or robot is switched off."), N_("Switch it on in the service's own settings."))
_GROUP_GONE = AnswerWords(
    N_("The group of the robot was dissolved."),
    N_("Add a robot to another group, and write its “url” into the reach file."),
)
_LEFT = AnswerWords(N_("This person has left the company there."), N_("Remove their address from the reach file."))
_BLOCKED = AnswerWords(
    N_("This person does not want messages of the app."), N_("Ask them to allow the app, or add another address.")
)
_REFUSED_TEXT = AnswerWords(
    N_("The service does not let this text through."), N_("Look at the rules for contents in the service's settings.")
)
_QUOTA = AnswerWords(
    N_("The company's quota of rings is used up."), N_("Buy more of the service, or add an address of another kind.")
)
_TOO_MANY = AnswerWords(N_("The service asks to wait: too many messages at once."))
_TOKEN = AnswerWords(N_("The service no longer accepts the app's access token; a new one is asked for."))
_FORM = AnswerWords(
    N_("The service does not accept the message as it is written."), N_("Please report it with this code.")
)
_NO_ANSWER = AnswerWords(
    N_("No answer came in time, so it is not known whether the message arrived."),
    N_("Look at the network and the firewall, and at the gateway if it is yours."),
)
_NOT_REACHED = AnswerWords(
    N_("The service could not be reached."), N_("Look at the network, DNS and the firewall, or correct the address.")
)
_HOST = AnswerWords(
    N_("The name of the service's host was not found."), N_("Correct the address in the reach file, or look at DNS.")
)
_NOTHING_LISTENS = AnswerWords(
    N_("Nothing listens at the address of the service."), N_("Start the gateway or mail server, or correct the port.")
)
_METADATA = AnswerWords(
    N_("The address leads to where a cloud keeps the secrets of a machine; it was not called."),
    N_("Correct the address in the reach file, or look at DNS."),
)
_CERTIFICATE = AnswerWords(
    N_("The certificate of the service is not valid for its name, or not trusted on this machine."),
    N_("Correct the address, or name your certificate authorities in SSL_CERT_FILE."),
)
_IN_TROUBLE = AnswerWords(N_("The service is in trouble itself."), N_("Its own status page or log says more."))
_LOGIN = AnswerWords(
    N_("The mail server does not accept the login."), N_("Correct “user” and “password” in the reach file.")
)
_MAILBOX = AnswerWords(
    N_("The mail server refuses the letter or its recipient."),
    N_("Correct “to” and “sender” in the reach file; the log of the mail server says more."),
)
_MAIL_LATER = AnswerWords(N_("The mail server takes no letter for now; it is tried again."))
_UNKNOWN_END = AnswerWords(
    N_("The answer of the gateway names no end that is known here, so it is not known whether the message arrived."),
    N_("Have the gateway answer with “accepted”, “delivered” or “refused” as “end”."),
)
_UNKNOWN = AnswerWords(
    N_("The meaning of this code is not known here."), N_("Look the code up in the documentation of the service.")
)
_WECOM = {
    "40001": _CREDENTIALS, "40013": _AGENT, "41002": _AGENT, "40056": _AGENT, "301002": _AGENT, "48002": _RIGHTS,
    "50001": _FORM, "60011": _UNSEEN, "81013": _UNSEEN, "invaliduser": _UNSEEN, "60020": _IP, "93000": _ADDRESS,
    "45009": _TOO_MANY, "45033": _TOO_MANY, "45002": _FORM,
    **dict.fromkeys(("40008", "40035", "40058"), _FORM),
    **dict.fromkeys(("40014", "41001", "42001"), _TOKEN),
}  # fmt: skip
_DINGTALK = {
    "300001": _ADDRESS, "300005": _ADDRESS, "400101": _ADDRESS, "310000": _SECURITY, "400013": _GROUP_GONE,
    "400102": _OFF, **dict.fromkeys(("400105", "43004", "40035", "460101"), _FORM),
    **dict.fromkeys(("130101", "130102", "410100"), _TOO_MANY),
}  # fmt: skip
_FEISHU_BOT = {
    "19001": _ADDRESS, "19021": _SIGNATURE, "19022": _IP, "19024": _KEYWORD, "19002": _FORM, "19036": _FORM,
    **dict.fromkeys(("9499", "11232", "11233"), _TOO_MANY),
}  # fmt: skip
_FEISHU_APP = {
    **dict.fromkeys(("10003", "10012", "10014", "10015"), _CREDENTIALS),
    **dict.fromkeys(("99991661", "99991663", "99991668", "99991671"), _TOKEN),
    **dict.fromkeys(("99991662", "230006"), _OFF),
    **dict.fromkeys(("99991672", "230027", "230035", "230052"), _RIGHTS),
    **dict.fromkeys(
        ("99992351", "99992361", "99992364", "230002", "230013", "230034", "230038", "invalid_user"), _UNSEEN
    ),
    **dict.fromkeys(("230001", "230012", "230025", "230036", "230098", "230110", "no_message_id"), _FORM),
    **dict.fromkeys(("230022", "230028"), _REFUSED_TEXT),
    **dict.fromkeys(("230023", "230024"), _QUOTA),
    "230029": _LEFT, "230053": _BLOCKED,
    **dict.fromkeys(("99991400", "230020", "230049", "11232", "11233"), _TOO_MANY),
}  # fmt: skip
_EMAIL = {
    "SMTPNotSupportedError": AnswerWords(
        N_("The mail server does not offer what “tls” in the reach file asks for."),
        N_("Correct “tls” and “server” in the reach file."),
    ),
    **dict.fromkeys(("smtp_530", "smtp_534", "smtp_535", "smtp_538"), _LOGIN),
}
_APPRISE = {
    "apprise_missing": AnswerWords(
        N_("The package apprise is not installed."), N_("Install it: pip install 'csp-escalate[apprise]'")
    ),
    "use_own_channel": AnswerWords(
        N_("This service has a channel of its own, so apprise is not used."),
        N_("Write its own channel into the reach file: csp-escalate reach example shows how."),
    ),
    "address": AnswerWords(N_("apprise does not understand the address."), N_("Correct “url” in the reach file.")),
    "not_taken": AnswerWords(
        N_("apprise says only that the message was not taken, so it is not known whether it arrived."),
        N_("Look at the service itself, or correct “url” in the reach file."),
    ),
}
_HOOK = {**dict.fromkeys(("http_401", "http_403"), _SIGNATURE), "unknown_end": _UNKNOWN_END}
_BY_CHANNEL = {
    Channel.WECOM_APP: _WECOM, Channel.WECOM_BOT: _WECOM, Channel.DINGTALK_BOT: _DINGTALK,
    Channel.FEISHU_BOT: _FEISHU_BOT, Channel.FEISHU_APP: _FEISHU_APP, Channel.EMAIL: _EMAIL, Channel.HOOK: _HOOK,
    Channel.APPRISE: _APPRISE,
}  # fmt: skip
_EVERYWHERE = {
    "http_404": AnswerWords(N_("The service knows no such address."), N_("Correct “url” in the reach file.")),
    "http_410": AnswerWords(N_("The service knows no such address."), N_("Correct “url” in the reach file.")),
    "http_429": _TOO_MANY,
    WAITS_FOR_LIMIT: AnswerWords(N_("The address was used as often as it may; it waits.")),
    KEPT_FREE: AnswerWords(N_("Its person was told of it before; the address is kept free for what is new.")),
    KEPT_FOR_CASES: AnswerWords(N_("The address is kept free for new cases; other addresses do not wait.")),
    TOLD_TOGETHER: AnswerWords(N_("Another message tells of it now.")),
    "render": AnswerWords(N_("The message could not be written."), N_("Please report it; the log has a traceback.")),
    **dict.fromkeys(("not_json", "no_code"), AnswerWords(
        N_("What answered is not this service, so it is not known whether the message arrived."),
        N_("Correct “url” in the reach file, or look at the proxy in between."),
    )),
}  # fmt: skip
_FAILURES = {
    "gaierror": _HOST, "ConnectionRefusedError": _NOTHING_LISTENS, "SSLCertVerificationError": _CERTIFICATE,
    "AddressRefused": _METADATA,
}  # fmt: skip
"""By the name of an exception of the network, whether or not something was sent."""
_PATTERNS = (
    (re.compile(r"smtp_4\d\d"), _MAIL_LATER),
    (re.compile(r"smtp_5\d\d"), _MAILBOX),
    (re.compile(r"http_3\d\d"), AnswerWords(
        N_("The service answers from another address; redirects are not followed."),
        N_("Write the address to which it leads into the reach file."),
    )),
    (re.compile(r"http_4\d\d"), AnswerWords(
        N_("The service refuses the request."), N_("Look at its log, and compare the address with the reach file.")
    )),
    (re.compile(r"http_5\d\d"), _IN_TROUBLE),
    (re.compile(r"2\d\d"), AnswerWords(N_("The gateway did not take the message."), N_("Its own log says why."))),
    (re.compile(r"no_answer .*"), _NO_ANSWER),
    (re.compile(r"not_sent .*|[A-Z]\w+(?:Error|Exception|Disconnected)"), _NOT_REACHED),
)  # fmt: skip


def find_answer(channel: Channel, code: str) -> AnswerWords | None:
    """Return what a code of a channel means; None for one that has no words."""
    code = code.removeprefix(_URGENT)
    exact = _BY_CHANNEL[channel].get(code) or _EVERYWHERE.get(code) or _FAILURES.get(code.rpartition(" ")[2])
    return exact or next((answer for pattern, answer in _PATTERNS if pattern.fullmatch(code)), None)


def find_fact(code: str) -> str:
    """Return what a code means whatever the channel; empty where that is not known, or depends on the channel."""
    facts = {answer.fact for channel in Channel if (answer := find_answer(channel, code))}
    return facts.pop() if len(facts) == 1 else ""


def describe_answer(channel: Channel, status: PageStatus, code: str, words: Words) -> str:
    """Return what a service answered, its code in brackets, or how it rang; empty where the status says all."""
    if not code or status in SUCCESSFUL:
        return words(_RANG[code]) if code in _RANG else ""
    answer = find_answer(channel, code) or _UNKNOWN
    silent = words(N_("The text arrived, but it did not ring.")) if code.startswith(_URGENT) else ""
    return words.join_sentences([silent, words(answer.fact)]) + words.in_brackets(code)


def find_step(channel: Channel, status: PageStatus, code: str, words: Words) -> str:
    """Return what to do about an answer; empty for nothing."""
    if not code or status in SUCCESSFUL:
        return ""
    answer = find_answer(channel, code) or _UNKNOWN
    return words(answer.step) if answer.step else ""
