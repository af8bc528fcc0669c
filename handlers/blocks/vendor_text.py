"""The text to paste into 21Vianet's form, and the click path to that form. Plain text: nothing in it is parsed."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from handlers.blocks import block_kit
from handlers.blocks.customer_record import AGREEMENTS, ANSWERS
from handlers.i18n import labels, review_labels
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.words import LANGUAGES, N_, Words
from models.rules.customers.record_fields import Agreement
from models.rules.escalations.escalation import Escalation
from models.rules.escalations.request import IssueCategory, MissingMeans, ProblemScope, RequestKind, ServiceHealth
from models.rules.escalations.review_questions import QUESTIONS, AdminCenter, ProblemMatter
from models.rules.policy.review_rules import SupportArea
from models.rules.policy.vendor import VendorPolicy
from models.rules.times import parse_utc

ORDER = (
    "category", "scope", "affected", "workload", "subscription_id", "page", "correlation_id", "invoice",
    "charge_period", "order_id", "started", "details", "steps", "impact", "health", "health_at", "incident_id", "tried",
    "admin_center", "lacks",
    "why", "contact",
)  # fmt: skip
LONG = frozenset({"details", "steps", "impact", "tried", "why"})
CHOICES = {
    "category": (IssueCategory, labels.CATEGORY),
    "scope": (ProblemScope, labels.SCOPE),
    "health": (ServiceHealth, labels.HEALTH),
    "area": (SupportArea, review_labels.AREA),
    "matter": (ProblemMatter, review_labels.MATTER),
    "admin_center": (AdminCenter, review_labels.ADMIN_CENTER),
}
ASK_LATER = N_("(not given)")


def language_of(escalation: Escalation) -> str:
    """Return the language chosen for 21Vianet, which reads both; Chinese when nobody chose."""
    return str(escalation.answers.get("language") or "zh_CN")


@dataclass(frozen=True)
class FilingPath:
    """How a request reaches 21Vianet, in the reader's language: the clicks, the portal page, the phone numbers."""

    steps: str
    portal: str
    numbers: str
    service: str = ""  # the name of the service
    service_portal: str = ""  # where its customers' administrators ask for support; empty where no page names it


def find_filing_path(escalation: Escalation, words: Words, policy: VendorPolicy) -> FilingPath:
    """Return the click path, portal and phone numbers for this kind of request."""
    path = policy.paths[escalation.kind]
    numbers = words.join_items(policy.numbers(escalation.service))
    steps, service = words.pick(" › ".join(path.en), " › ".join(path.zh)), policy.service(escalation.service)
    return FilingPath(steps, path.portal, numbers, words.pick(service.en, service.zh), service.portal)


def text(escalation: Escalation, policy: VendorPolicy, zone: ZoneInfo) -> str:
    """Return the whole request, a paragraph or a line per answer."""
    words = Words.of(language_of(escalation))
    return "\n".join(_lines(escalation, words, policy, zone))


def _lines(escalation: Escalation, words: Words, policy: VendorPolicy, zone: ZoneInfo) -> Iterator[str]:
    def format_answer(name: str, value: str) -> str:
        return f"{words(labels.FIELD[name])}{words.colon}{value}"

    yield format_answer("title", escalation.title)
    if escalation.kind is RequestKind.CUSTOMER:
        yield format_answer("customer_name", escalation.customer_name)
        yield format_answer("tenant_id", escalation.tenant_id or words(ASK_LATER))
        if escalation.domain:
            yield format_answer("domain", escalation.domain)
        service = policy.service(escalation.service)
        yield format_answer("service", words.pick(service.en, service.zh) or words(ASK_LATER))
    yield format_answer("severity", words(labels.SEVERITY[escalation.severity]))
    for name in ORDER:
        if value := answer(escalation, name, words, zone):
            if name == "workload":
                value = words.pick(value, policy.service(escalation.service).workload(value).zh)
            yield format_answer(name, f"\n{value}" if name in LONG else value)


def answer(escalation: Escalation, name: str, words: Words, zone: ZoneInfo) -> str:
    """Return one answer as a person reads it; empty when it was not given."""
    value = escalation.details if name == "details" else escalation.answers.get(name)
    if not value:
        return ""
    if name in CHOICES:
        kind, names = CHOICES[name]
        return words(names[kind(value)])  # type: ignore[index]  # each table is keyed by its own enumeration
    if name == "lacks":
        return " · ".join(words(labels.LACK[MissingMeans(lack)]) for lack in value)
    if name in {"started", "health_at"}:
        return f"{numeric_moment(parse_utc(value), zone)}{words.in_brackets(short_zone_name(zone, words))}"
    return _name_choice(name, str(value), words)


def _name_choice(name: str, value: str, words: Words) -> str:
    """Return a language, an agreement, yes or no by its name; another text as it is."""
    if name == "language":
        return LANGUAGES.get(value, value)
    if name == "agreement" and value in set(Agreement):
        return words(AGREEMENTS[Agreement(value)])
    return words(ANSWERS[value]) if name in {"delegated", *QUESTIONS} and value in ANSWERS else value


def paste(text: str, filing_path: FilingPath, words: Words, owner: str = "") -> list[block_kit.Block]:
    """Return the click path in Partner Center, both portals, the phone numbers, and the text to copy into the form.

    ``owner`` is the name of who submits it, where that is not the reader.
    """
    heading = words("*Submit it to 21Vianet yourself* (21Vianet has no API, so the bot can't):")
    if owner:
        name = block_kit.escape(owner)
        heading = words("*{owner} submits it to 21Vianet.* Only if they ask you to do it instead:", owner=name)
    call = words("Portal down? Call 21Vianet: {numbers}", numbers=filing_path.numbers)
    links = [block_kit.link(filing_path.portal, words("Open Partner Center"))]
    if filing_path.service_portal:
        named = words("Portal of {service}", service=filing_path.service)
        links += [block_kit.run(" · "), block_kit.link(filing_path.service_portal, named)]
    return [
        block_kit.section(heading),
        block_kit.aside(block_kit.plain(filing_path.steps)),
        block_kit.rich(block_kit.line(*links, block_kit.run(f"\n☎️ {call}"))),
        block_kit.rich(block_kit.line(block_kit.run(words("Copy this text:"))), block_kit.preformatted(text)),
        block_kit.context(words("Then press “Request number” on the card and enter 21Vianet's number.")),
    ]
