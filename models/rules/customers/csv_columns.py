"""From a file to customers: which column means what, and which lines are refused, each with its reason.

Partner Center's own headings come first (Microsoft ID, Company name, Primary domain name, Relationship, Tags, and their
Chinese names), then what hand-made lists usually say. Nothing is compared with the store here.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.rules.customers.csv_records import (
    DELIMITERS,
    NEVER,
    CsvRecord,
    read_hinted_delimiter,
    read_records,
    split_physical_lines,
)
from models.rules.customers.customer import DOMAIN_LIMIT, NAME_LIMIT, fold
from models.rules.customers.file_encoding import UNREADABLE, decode, is_clean
from models.rules.customers.record_fields import (
    CHANNELS,
    NO,
    RECORD_HEADINGS,
    SHOWN,
    YES,
    Agreement,
    Contact,
    Informed,
    find_contact_faults,
    is_day,
    read_agreement,
    read_answer,
    read_channel,
    read_day,
    read_language,
    read_services,
)
from models.rules.errors import Refusal, refuse

Progress = Callable[[int, int], None]
STEP = 1000  # lines between two reports of progress

MAYBE_TENANT_ID = ("customerid", "客户id", "id")
"""Headings of the tenant ID in Partner Center's API and PowerShell. Other lists use them for numbers of their own."""
# Folded, letters and digits only. Where a file has several of them, the first one here wins.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": (
        "companyname", "公司名称", "customername", "客户名称", "客户全称", "公司全称", "企业名称", "单位名称",
        "组织名称", "organizationname", "organisationname", "company", "customer", "公司", "客户", "公司名", "客户名",
        "displayname", "显示名称", "name", "名称", "companyprofilecompanyname",
    ),
    "tenant_id": (
        "microsoftid", "微软id", "tenantid", "租户id", "租户标识", "customertenantid", "客户租户id", "azureadtenantid",
        "entratenantid", "directoryid", "目录id", "tenant", "租户", "companyprofiletenantid", "customercontextid",
        *MAYBE_TENANT_ID,
    ),
    "domain": (
        "primarydomainname", "主域名", "primarydomain", "主域", "主要域名", "customerdomainname", "customerdomain",
        "默认域名", "defaultdomain", "domainname", "domain", "域名", "域", "companyprofiledomain",
    ),
    "relationship": (
        "relationship", "关系", "relationshiptype", "关系类型", "合作关系", "relationshiptopartner", "与合作伙伴的关系",
    ),
    **RECORD_HEADINGS,
}  # fmt: skip
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DOMAIN = re.compile(r"[^\s@/:,;.]+(\.[^\s@/:,;.]+)+")
_NOT_A_TABLE = re.compile(r"\s*(?:[{<]|\[\s*[\[{\"])")  # JSON, HTML, XML
_NOT_A_NAME = re.compile(rf"[{{}}<>=|\\;\t#]|://|,.*,.*,|{_GUID.pattern}", re.IGNORECASE)
# Zero-width and direction marks: two names that look the same must be the same. The joiners of emoji and of
# Indian scripts stay.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = frozenset({"-", "--", "—", "n/a", "N/A"})
_EMPTY_WORDS = frozenset({"", "-", "--", "n/a", "null", "none", "无"})


class CustomerDraft(NamedTuple):
    """What one line says of a customer, cleaned; empty where it says nothing."""

    name: str
    domain: str = ""
    tenant_id: str = ""
    relationship: str = ""
    services: tuple[str, ...] = ()  # as the list names them
    agreement: str = ""  # a models.rules.customers.record_fields.Agreement
    delegated: str = ""  # "yes" or "no": whether we have delegated administration privileges
    entitled_to_a: str = ""  # "yes" or "no": whether its requests may be severity A
    language: str = ""  # "zh", "en", or as the list names it
    contacts: tuple[Contact, ...] = ()
    informed: tuple[Informed, ...] = ()  # when it was informed of our support; on record everything, each day once


class CsvLine(NamedTuple):
    """A line that is accepted."""

    number: int  # the physical line, from 1
    customer: CustomerDraft


class RefusedLine(NamedTuple):
    """A line that is refused, with every reason."""

    number: int  # the physical line, from 1
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class CsvSheet:
    """A file as it was understood."""

    encoding: str
    columns: Mapping[str, str]  # our fields to the headings of the file
    ignored: Sequence[str]  # headings without a field of ours
    lines: Sequence[CsvLine]
    refused: Sequence[RefusedLine]

    @property
    def is_headed(self) -> bool:
        """False for a plain list of names."""
        return bool(self.columns)


@dataclass(frozen=True)
class _Layout:
    delimiter: str
    first: int  # index of the first physical line with data
    columns: Mapping[str, int]
    headings: Sequence[str]


def read_sheet(data: bytes, progress: Progress = lambda _done, _all: None, today: str = "9999-12-31") -> CsvSheet:
    """Read a file of customers. ``progress`` gets the lines read and the lines in total.

    A customer can't have been informed after ``today`` (2026-01-05).
    Raises :class:`models.rules.errors.Refused` when it is no list of customers at all.
    """
    text = decode(data)
    if _NOT_A_TABLE.match(text.content):
        raise refuse("file_no_name_column")
    physical = split_physical_lines(text.content)
    layout = _find_layout(physical)
    csv_records = read_records(physical, layout.delimiter, layout.first)
    lines, refused = _sort_lines(csv_records, layout, today, len(physical), progress)
    if not lines and not refused:
        raise refuse("file_empty")
    if not layout.headings and len(refused) * 5 > len(lines):
        raise refuse("file_no_name_column")  # some other file: customers are never deleted, so better none of it
    columns = {field: layout.headings[column] for field, column in layout.columns.items() if layout.headings}
    ignored = [
        heading for column, heading in enumerate(layout.headings) if heading and column not in layout.columns.values()
    ]
    return CsvSheet(text.encoding, columns, ignored, lines, refused)


def _sort_lines(
    csv_records: Iterator[CsvRecord], layout: _Layout, today: str, length: int, progress: Progress
) -> tuple[list[CsvLine], list[RefusedLine]]:
    """Return the accepted lines, and the refused ones."""
    lines: list[CsvLine] = []
    refused: list[RefusedLine] = []
    for count, record in enumerate(csv_records):
        if count % STEP == 0:
            progress(record.line, length)
        cells = _read_cells(record, layout)
        if isinstance(cells, Refusal):
            refused.append(RefusedLine(record.line, (cells,)))
            continue
        draft = _read_draft(cells)
        if faults := tuple(_find_faults(draft, cells, today)):
            refused.append(RefusedLine(record.line, faults))
        else:
            lines.append(CsvLine(record.line, draft))
    progress(length, length)
    return lines, refused


def _find_layout(physical: list[str]) -> _Layout:
    """Return where the headings are and what separates the columns. A file without headings may hold names only."""
    hint = read_hinted_delimiter(physical)
    start = 1 if hint else 0
    for delimiter in [hint] if hint else DELIMITERS:
        header = next(read_records(physical, delimiter, start), None)
        if header and header.fields and "name" in (columns := _find_columns(header.fields)):
            single = len(header.fields) == 1
            first = _find_first_data_line(physical, delimiter, start)
            columns = _without_other_ids(columns, header.fields, next(read_records(physical, delimiter, first), None))
            return _Layout(
                NEVER if single else delimiter, first, columns, [heading.strip() for heading in header.fields]
            )
    if hint or _is_table(physical):
        raise refuse("file_no_name_column")
    return _Layout(NEVER, start, {"name": 0}, [])


def _find_columns(headings: Sequence[str]) -> dict[str, int]:
    """Return by our field the position of its heading."""
    normalized = list(map(normalize_heading, headings))
    positions = {
        field: next((normalized.index(name) for name in names if name in normalized), -1)
        for field, names in HEADINGS.items()
    }
    return {field: position for field, position in positions.items() if position >= 0}


def normalize_heading(heading: str) -> str:
    """Return a heading folded, letters and digits only, as :data:`HEADINGS` has it."""
    return "".join(filter(str.isalnum, fold(heading)))


def _without_other_ids(columns: dict[str, int], headings: Sequence[str], first: CsvRecord | None) -> dict[str, int]:
    """Return the columns without a tenant ID that, as the first line shows, is only a number of the list's own."""
    column = columns.get("tenant_id")
    if (
        column is None
        or normalize_heading(headings[column]) not in MAYBE_TENANT_ID
        or first is None
        or first.fields is None
    ):
        return columns
    if not (value := _tidy_identifier(_cell(first.fields, column)).strip("{}")) or _GUID.fullmatch(value):
        return columns
    return {field: position for field, position in columns.items() if field != "tenant_id"}


def _find_first_data_line(physical: list[str], delimiter: str, start: int) -> int:
    """Return the index of the line after the headings."""
    csv_records = read_records(physical, delimiter, start)
    next(csv_records)
    first_data = next(csv_records, None)
    return len(physical) if first_data is None else first_data.line - 1


def _is_table(physical: list[str]) -> bool:
    """Return whether the lines agree on several columns, or name one of ours: headings, but no name column."""
    for delimiter in DELIMITERS:
        sample = [record.fields or [] for record, _ in zip(read_records(physical, delimiter), range(20), strict=False)]
        widths = {len(fields) for fields in sample}
        if len(widths) == 1 and widths != {1} and (len(sample) > 1 or _find_columns(sample[0])):
            return True
    header = next(read_records(physical, NEVER), None)
    return bool(header and header.fields and _find_columns(header.fields))


def _read_cells(record: CsvRecord, layout: _Layout) -> Mapping[str, str] | Refusal:
    """Return what a record says, by our field, as it was typed; or why it can't be read."""
    if record.fields is None:
        return Refusal("line_quotes")
    if any(field.strip() for field in record.fields[len(layout.headings) or 1 :]):
        return Refusal("line_columns")
    values = {field: _cell(record.fields, column) for field, column in layout.columns.items()}
    if not layout.headings and _NOT_A_NAME.search(values["name"]):
        return Refusal("line_not_a_name")
    if UNREADABLE in "".join(values.values()):
        return Refusal("line_unreadable")
    if not all(map(is_clean, values.values())):
        return Refusal("line_control")
    return values


def _read_draft(values: Mapping[str, str]) -> CustomerDraft:
    """Return the customer that the cells of a line describe."""
    tidy = {field: _tidy(value) for field, value in values.items()}
    draft = CustomerDraft(
        tidy["name"],
        _tidy_identifier(values.get("domain", "")).rstrip("."),
        _tidy_identifier(values.get("tenant_id", "")).strip("{}"),
        tidy.get("relationship", ""),
    )
    return _with_record(draft, tidy) if values.keys() & RECORD_HEADINGS.keys() else draft


def _with_record(draft: CustomerDraft, tidy: Mapping[str, str]) -> CustomerDraft:
    """Return a draft with what its line says beside who the customer is."""
    said = {field: "" if (text := tidy.get(field, "")) in _DASHES else text for field in RECORD_HEADINGS}
    contact = Contact(*(said[f"contact_{field}"] for field in Contact._fields))
    informed = Informed(read_day(said["informed_on"]), read_channel(said["informed_through"]))
    return draft._replace(
        services=read_services(said["services"]),
        agreement=read_agreement(said["agreement"]),
        delegated=read_answer(said["delegated"]),
        entitled_to_a=read_answer(said["entitled_to_a"]),
        language=read_language(said["language"]),
        contacts=(contact,) if any(contact) else (),
        informed=(informed,) if informed.day else (),
    )


def _find_faults(draft: CustomerDraft, cells: Mapping[str, str], today: str) -> Iterator[Refusal]:
    """Yield everything that is wrong with a line, in the order of its fields; ``cells`` quote what was typed."""
    if not draft.name or not any(map(str.isalnum, draft.name)):
        yield Refusal("line_no_name")
    if draft.tenant_id and (not _GUID.fullmatch(draft.tenant_id) or not draft.tenant_id.strip("0-")):
        yield Refusal("line_tenant_id", values={"found": _quote(cells, "tenant_id")})
    if draft.domain and (len(draft.domain) > DOMAIN_LIMIT or not _DOMAIN.fullmatch(draft.domain)):
        yield Refusal("line_domain", values={"found": _quote(cells, "domain")})
    if draft.agreement and draft.agreement not in set(Agreement):
        yield Refusal("line_agreement", values={"found": _quote(cells, "agreement")})
    for field in ("delegated", "entitled_to_a"):
        if getattr(draft, field) not in {"", YES, NO}:
            yield Refusal("line_answer", field, values={"found": _quote(cells, field)})
    for contact in draft.contacts:
        yield from find_contact_faults(contact)
    yield from _find_informed_faults(draft, today)
    for field, text in _list_texts(draft):
        if len(text) > NAME_LIMIT:
            yield Refusal("line_too_long", field, values={"limit": NAME_LIMIT})


def _list_texts(draft: CustomerDraft) -> Iterator[tuple[str, str]]:
    """Yield the texts of a line that are kept as they are, each with its field."""
    yield from (("name", draft.name), ("relationship", draft.relationship), ("language", draft.language))
    yield "services", ", ".join(draft.services)
    for contact in draft.contacts:
        yield from ((f"contact_{name}", text) for name, text in contact._asdict().items())


def _quote(cells: Mapping[str, str], field: str) -> str:
    return cells[field].strip()[:SHOWN]


def _find_informed_faults(draft: CustomerDraft, today: str) -> Iterator[Refusal]:
    for informed in draft.informed:
        if not is_day(informed.day):
            yield Refusal("line_informed_on", values={"found": informed.day[:SHOWN]})
        elif informed.day > today:
            yield Refusal("line_informed_later", values={"found": informed.day[:SHOWN]})
        if informed.through not in {"", *CHANNELS}:
            yield Refusal("line_channel", values={"found": informed.through[:SHOWN]})


def _cell(fields: Sequence[str], column: int) -> str:
    return fields[column] if column < len(fields) else ""


def _tidy(text: str) -> str:
    """Return text composed (NFC), without invisible characters, and with single spaces.

    Composed as ``models.rules.escalations.request.clean`` does.
    """
    visible = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(visible.split())


def _tidy_identifier(text: str) -> str:
    """Return a folded identifier; words such as “none” are empty."""
    identifier = fold(_tidy(text))
    return "" if identifier in _EMPTY_WORDS else identifier
