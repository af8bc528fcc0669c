"""What is known of one customer, for the person who asked. Threads show contacts only where a setting says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers import ids
from handlers.blocks import block_kit, card, case_row, customers_to_inform, open_escalations
from handlers.i18n import labels
from handlers.i18n.words import N_, Words
from models.customers.informing import IMPORTED, CustomerInforming
from models.escalations.customer_cases import MOST_JUDGED, CustomerOverview
from models.rules.customers.customer import Customer
from models.rules.customers.record_fields import NO, YES, Agreement, Contact, CustomerRecord
from models.rules.escalations.escalation import ENDED, InformedBy
from models.rules.escalations.kept_clocks import KeptCount

MOST_CASES = 5
MOST_CONTACTS = 20
AGREEMENTS = {
    Agreement.OSPA: N_("OSPA (premier)"),
    Agreement.INDIRECT_OSPA: N_("Indirect OSPA"),
    Agreement.VCA: N_("21VCA"),
    Agreement.STANDARD: N_("Standard"),
    Agreement.UNKNOWN: N_("Unknown"),
}
NO_CONTACTS = N_("No contacts are known. A list with contacts can be imported.")
ANSWERS = {YES: N_("Yes"), NO: N_("No")}
LANGUAGES = {"zh": N_("Chinese"), "en": N_("English")}


@dataclass(frozen=True)
class KeptPromises:
    """Clocks of a customer's cases: our acknowledgement, and 21Vianet's first response."""

    ours: KeptCount
    theirs: KeptCount


def choose(customers: Sequence[Customer], more: bool, words: Words) -> list[block_kit.Block]:
    """Return the customers that may be meant, with a button to show each."""
    rows = [_choice(customer, words) for customer in customers]
    hint = [block_kit.context(words("There are more. Type more of the name."))] if more else []
    return [block_kit.list_title(words("Which customer?")), *rows, *hint]


def blocks(
    overview: CustomerOverview, kept: KeptPromises, words: Words, now: datetime, zone: ZoneInfo
) -> list[block_kit.Block]:
    """Return everything that is known of a customer; days are those of ``zone``, the installation's."""
    shown = [case for case, _ in overview.cases if case.status not in ENDED][:MOST_CASES]
    last = overview.informing.last
    return [
        block_kit.list_title(overview.customer.name),
        block_kit.rich(block_kit.facts(_facts(overview, words), words.colon)),
        *(contacts(overview.record, words) or [block_kit.context(words(NO_CONTACTS))]),
        block_kit.rich(block_kit.facts(_promises(overview, kept, words, zone), words.colon)),
        customers_to_inform.buttons(overview.customer.id, last.id if last else None, words),
        *(
            case_row.row(
                case, [" · ".join([card.status(case, words), *open_escalations.ages(case, words, now)])], words
            )
            for case in shown
        ),
        block_kit.context(words("Only you see this.")),
    ]


def contacts(record: CustomerRecord, words: Words) -> list[block_kit.Block]:
    """Return who can be reached at a customer; nothing when nobody is known."""
    listed = [_contact(contact, words) for contact in record.contacts[:MOST_CONTACTS]]
    return [block_kit.rich(block_kit.line(block_kit.run(words("Contacts"), "bold")), *listed)] if listed else []


def _choice(customer: Customer, words: Words) -> block_kit.Block:
    lines = [block_kit.clip(customer.name, 150), block_kit.clip(customer.domain or customer.tenant_id, 100)]
    text = block_kit.plain("\n".join(filter(None, lines)))
    return {
        "type": "section",
        "text": text,
        "accessory": block_kit.button(words("Show"), ids.CUSTOMER_SHOW, customer.id),
    }


def _facts(overview: CustomerOverview, words: Words) -> Iterator[tuple[str, list[block_kit.Element]]]:
    """Yield what is known, label and value."""
    customer, record = overview.customer, overview.record
    named = {
        words("Domain"): customer.domain,
        words("Tenant ID"): customer.tenant_id,
        words("Relationship"): customer.relationship,
        words("Services"): words.join_items(record.services),
        words("Agreement"): _say(AGREEMENTS, record.agreement, words),
        words("Delegated privileges"): _say(ANSWERS, record.delegated, words),
        words("Entitled to severity A"): _say(ANSWERS, record.entitled_to_a, words),
        words("Language"): _say(LANGUAGES, record.language, words),
    }
    for label, value in named.items():
        yield label, [block_kit.run(value or words("unknown"))]


def _say(labels: dict[Agreement, str] | dict[str, str], value: str, words: Words) -> str:
    """Return the name of a known value; another one as it is."""
    label = {str(answer): name for answer, name in labels.items()}.get(value)
    return words(label) if label else value


def _contact(contact: Contact, words: Words) -> block_kit.Element:
    wecom = words.colon.join([words("WeCom"), contact.wecom]) if contact.wecom else ""
    facts = filter(None, (contact.name, contact.phone, contact.email, wecom, contact.hours))
    return block_kit.line(block_kit.run(f"• {' · '.join(facts)}"))


def _informed(informing: CustomerInforming, words: Words, zone: ZoneInfo) -> str:
    """Return on which day it was last informed, how and by whom, and why it must be again."""
    last, due = informing.last, informing.due
    facts = []
    if last:
        by = words("from the customer file") if last.by == IMPORTED else last.by
        facts = [
            f"{last.at.astimezone(zone):%Y-%m-%d}",
            words(labels.INFORMED_BY[InformedBy(last.through)]) if last.through else "",
            words("version {n}", n=last.statement) if last.statement else "",
            by, last.evidence,
        ]  # fmt: skip
    again = f"⚠️ {words(labels.INFORM_REASONS[due.reason])}" if due else ""
    return " · ".join(filter(None, [*facts, again]))


def _promises(
    overview: CustomerOverview, kept: KeptPromises, words: Words, zone: ZoneInfo
) -> Iterator[tuple[str, list[block_kit.Element]]]:
    """Yield whether it was informed of our support, how many cases there are, and which clocks were kept."""
    yield words("Informed of our support"), [block_kit.run(_informed(overview.informing, words, zone))]
    still_open = sum(case.status not in ENDED for case, _ in overview.cases)
    counts = words("{all} in all, {open} open", all=overview.count, open=still_open)
    yield words("Cases"), [block_kit.run(counts)]
    for label, count in (
        (words("Our acknowledgement"), kept.ours),
        (words("21Vianet's first response"), kept.theirs),
    ):
        yield label, [block_kit.run(words("kept {kept}, missed {missed}", kept=count.kept, missed=count.missed))]
    if overview.count > MOST_JUDGED:
        yield words("Counted"), [block_kit.run(words("the newest {n} cases", n=MOST_JUDGED))]
