"""The packet for a remediation meeting as one page: what happened, by area, what was changed, actions, the cases."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.blocks import card, case_history, remediation, returned_rates
from handlers.blocks.remediation_forms import LABELS
from handlers.chart.returned_bars import ReturnedBar, draw_returned_bars
from handlers.i18n import entry_words, labels
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.words import Words
from handlers.printable.page import (
    PageParagraphs,
    PagePart,
    PageTable,
    Picture,
    PrintablePage,
    TableColumn,
    Tile,
    Tiles,
)
from models.escalations.queries import EscalationQueries
from models.escalations.returned_cases import ReturnedCases, ReturnedOverview
from models.rules.escalations.escalation import Escalation, HistoryEntry
from models.rules.escalations.returned_rates import RateWindow, ReturnedShare, find_window_until
from models.rules.policy.vendor import VendorPolicy
from models.rules.remediation.record import Remediation

MOST_CASES = 100
"""Cases that are attached with their histories."""
SHORT = "short"


@dataclass(frozen=True)
class PacketFacts:
    """What the packet is written from."""

    record: Remediation
    window: RateWindow
    overview: ReturnedOverview
    cases: Sequence[tuple[Escalation, Sequence[HistoryEntry]]]  # the returned ones, oldest first


@dataclass(frozen=True)
class PacketReader:
    """In which language and zone the packet is written, and what services and people are called."""

    language: str  # of the catalogue
    zone: ZoneInfo
    policy: VendorPolicy
    name_of: Callable[[str], str]

    @property
    def words(self) -> Words:
        """The words of the language."""
        return Words.of(self.language)

    def write_time(self, at: datetime | None) -> str:
        """Return an instant in the zone, to the minute; empty for none."""
        return numeric_moment(at, self.zone) if at else ""


def read_packet_facts(
    record: Remediation, returned_cases: ReturnedCases, queries: EscalationQueries, zone: ZoneInfo
) -> PacketFacts:
    """Return what the packet of a record is written from: the cases returned since 90 days before the request."""
    window = find_window_until(record.requested_on or record.opened_at.astimezone(zone).date(), zone)
    numbers = returned_cases.numbers(window, record.team_id, MOST_CASES)
    overview = returned_cases.overview(window, record.team_id)
    return PacketFacts(record, window, overview, list(queries.with_history(numbers)))


def build_packet(facts: PacketFacts, reader: PacketReader, now: datetime) -> PrintablePage:
    """Return the packet as it is ``now``."""
    words, record, today = reader.words, facts.record, now.astimezone(reader.zone).date()
    zone = short_zone_name(reader.zone, words)
    meeting = reader.write_time(record.meeting_at)
    lines = [words("Meeting with 21Vianet: {at} ({zone})", at=meeting, zone=zone)] if meeting else []
    return PrintablePage(
        reader.language,
        words("Remediation plan {name}", name=record.name),
        "",
        lines,
        [
            _count(facts, words, today), *_tell_request(record, reader), _list_cases(facts, reader),
            *_tell_areas(facts, words), *_tell_changes(record, reader), _list_actions(record, reader, today),
            *(part for case, entries in facts.cases for part in _attach(case, entries, reader)),
        ],
        [words("Written at {at} ({zone}) from the records of CSP Escalate.", at=reader.write_time(now), zone=zone)],
    )  # fmt: skip


def _count(facts: PacketFacts, words: Words, today: date) -> Tiles:
    rates, record = facts.overview.rates, facts.record
    overdue = sum(action.due < today for action in record.open_actions)
    done = len(record.actions) - len(record.open_actions)
    unchecked = ReturnedShare("", rates.cases, rates.without_checks)
    return Tiles(
        [
            Tile(str(rates.returned), words("Returned"), words("since {day}", day=facts.window.first_day)),
            Tile(f"{ReturnedShare('', rates.cases, rates.returned).percent}%", words("of escalated cases"),
                 words("{n} in all", n=rates.cases)),
            Tile(f"{done} / {len(record.actions)}", words("Actions done"),
                 words.plural("{n} action overdue", "{n} actions overdue", overdue) if overdue else ""),
            Tile(str(rates.without_checks), words("Checks missing"), f"{unchecked.percent}%"),
        ]
    )  # fmt: skip


def _tell_request(record: Remediation, reader: PacketReader) -> Iterator[PagePart]:
    words = reader.words
    yield _build_facts(
        words("The request and the meeting"),
        [
            (words(LABELS["requested_on"]), str(record.requested_on)),
            (words(LABELS["requested_by"]), record.requested_by),
            (words(LABELS["request"]), record.request),
            (words(LABELS["meeting_at"]), reader.write_time(record.meeting_at)),
            (words(LABELS["ours"]), record.ours),
            (words(LABELS["theirs"]), record.theirs),
            (words(LABELS["review_on"]), str(record.review_on or "")),
            (words("Closed"), reader.write_time(record.closed_at)),
        ],
    )


def _list_cases(facts: PacketFacts, reader: PacketReader) -> PageTable:
    words, field = reader.words, labels.FIELD
    return PageTable(
        words("What happened"),
        [
            TableColumn(words("No."), SHORT), TableColumn(words(field["request_number"]), width="17%"),
            TableColumn(words(field["customer_name"]), width="20%"), TableColumn(words(field["title"])),
            TableColumn(words(field["returned_on"]), SHORT), TableColumn(words(field["returned_words"]), width="26%"),
        ],
        [
            (
                case.name, case.request_number or "", case.customer_name, case.title, str(case.returned_on),
                " · ".join(filter(None, (case.returned_number, case.returned_words))),
            )
            for case, _ in facts.cases
        ],
        empty=words("No returned case is recorded."),
    )  # fmt: skip


def _tell_areas(facts: PacketFacts, words: Words) -> Iterator[PagePart]:
    rates = facts.overview.rates
    ours = returned_rates.say(ReturnedShare("", rates.cases, rates.in_reseller_areas), words)
    yield PageParagraphs(
        words("By area"),
        [
            words("Grey is what was escalated, red what was returned."),
            f"{words('In an area of ours')}{words.colon}{ours}",
        ],
    )
    bars = [
        ReturnedBar(
            returned_rates.area_name(share.name, words), share.cases, share.returned, returned_rates.say(share, words)
        )
        for share in rates.areas
    ]
    if bars:
        says = words.join_clauses(f"{bar.name}{words.colon}{bar.said}" for bar in bars)
        yield Picture(draw_returned_bars(bars), says)


def _tell_changes(record: Remediation, reader: PacketReader) -> Iterator[PagePart]:
    words = reader.words
    for name in ("plan", "minutes"):
        if text := getattr(record, name):
            yield PageParagraphs(words(LABELS[name]), [text])
    done = sorted((action for action in record.actions if action.done_at), key=lambda action: str(action.done_at))
    yield PageTable(
        words("What was changed"),
        [TableColumn(words("When"), SHORT), TableColumn(words(LABELS["text"])), TableColumn(words("Who"), width="20%")],
        [(reader.write_time(action.done_at), action.text, reader.name_of(action.done_by)) for action in done],
        empty=words("No action is done yet."),
    )


def _list_actions(record: Remediation, reader: PacketReader, today: date) -> PageTable:
    words = reader.words
    return PageTable(
        words("Actions"),
        [
            TableColumn(words(LABELS["text"])), TableColumn(words(LABELS["owner"]), width="18%"),
            TableColumn(words(LABELS["due"]), SHORT), TableColumn(words(labels.FIELD["status"]), SHORT),
        ],
        [
            (
                action.text, reader.name_of(action.owner), str(action.due),
                remediation.describe_state(action, words, today),
            )
            for action in sorted(record.actions, key=lambda action: (action.due, action.number))
        ],
        empty=words("No actions yet."),
    )  # fmt: skip


def _attach(case: Escalation, entries: Sequence[HistoryEntry], reader: PacketReader) -> Iterator[PagePart]:
    """Yield one case: what was asked, what came of it, and every step. Contacts stay out."""
    words, field = reader.words, labels.FIELD
    service = reader.policy.service(case.service)
    yield _build_facts(
        f"{case.name} · {case.title}",
        [
            (words(field["request_number"]), case.request_number or ""),
            (words(field["customer_name"]), case.customer_name),
            (words(field["service"]), words.pick(service.en, service.zh) if case.service else ""),
            (words(field["severity"]), labels.describe_severity(case, words)),
            (words(field["status"]), words(labels.STATUS[case.status])),
            (words(field["details"]), case.details),
            (words(field["tried"]), str(case.answers.get("tried") or "")),
            (words(field["why"]), str(case.answers.get("why") or "")),
            (words("Returned as inappropriate"), card.finding(case)),
            (words(field["fix"]), case.fix or ""),
        ],
    )
    yield PageTable(
        words("History of {name}", name=case.name),
        [TableColumn(words("When"), SHORT), TableColumn(words("Who"), width="18%"), TableColumn(words("What"))],
        [_tell_step(entry, reader) for entry in entries],
    )


def _tell_step(entry: HistoryEntry, reader: PacketReader) -> tuple[str, str, str]:
    done = entry_words.done_with_facts(entry, reader.words, reader.write_time)
    changed = case_history.changes(entry, reader.words, reader.policy)
    what = " – ".join(filter(None, (done, entry.text, *changed)))
    return reader.write_time(entry.at), reader.name_of(entry.by), what


def _build_facts(heading: str, rows: Sequence[tuple[str, str]]) -> PageTable:
    """Return labels and values; a label without a value is left out."""
    columns = [TableColumn("", width="28%"), TableColumn("", width="72%")]
    return PageTable(heading, columns, [(label, value) for label, value in rows if value])
