"""From a file to customers: which column means what, and which lines can't be taken, each with its reason.

Partner Center's own headings come first (Microsoft ID, Company name, Primary domain name, Relationship, Tags, and
their Chinese names), then what hand-made lists usually say. Nothing is compared with the store here.
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
from models.rules.errors import Refusal, refuse

Progress = Callable[[int, int], None]
STEP = 1000  # lines between two reports of progress

MAYBE_TENANT_ID = ("customerid", "客户id", "id")
"""What Partner Center's API and PowerShell call the tenant ID, and other lists a number of their own: it depends on
the values."""
# Folded, letters and digits only; what stands first wins where a file has several.
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
}  # fmt: skip
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DOMAIN = re.compile(r"[^\s@/:,;.]+(\.[^\s@/:,;.]+)+")
_NOT_A_TABLE = re.compile(r"\s*(?:[{<]|\[\s*[\[{\"])")  # JSON, HTML, XML
_NOT_A_NAME = re.compile(rf"[{{}}<>=|\\;\t#]|://|,.*,.*,|{_GUID.pattern}", re.IGNORECASE)
# Zero-width and direction marks: two names that look the same must be the same. The joiners of emoji and of
# Indian scripts stay.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_NOTHING = frozenset({"", "-", "--", "n/a", "null", "none", "无"})


class ColumnDraft(NamedTuple):
    """What one line says of a customer, cleaned; what it doesn't say is empty."""

    name: str
    domain: str = ""
    tenant_id: str = ""
    relationship: str = ""


class CsvLine(NamedTuple):
    """A line that can be taken; ``number`` is the physical line, from 1."""

    number: int
    customer: ColumnDraft


class RefusedLine(NamedTuple):
    """A line that can't be taken, and why."""

    number: int
    refusal: Refusal


@dataclass(frozen=True)
class CsvSheet:
    """A file as it was understood: ``columns`` maps our fields to its headings, ``ignored`` are its other ones."""

    encoding: str
    columns: Mapping[str, str]
    ignored: Sequence[str]
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
    places: Mapping[str, int]
    headings: Sequence[str]


def read_sheet(data: bytes, progress: Progress = lambda _done, _all: None) -> CsvSheet:
    """Understand a file of customers; ``progress`` gets lines read and lines in all.

    Raises :class:`models.rules.errors.Refused` when it is no list of customers at all.
    """
    text = decode(data)
    if _NOT_A_TABLE.match(text.content):
        raise refuse("file_no_name_column")
    physical = split_physical_lines(text.content)
    layout = _layout(physical)
    lines, refused = _sorted(read_records(physical, layout.delimiter, layout.first), layout, len(physical), progress)
    if not lines and not refused:
        raise refuse("file_empty")
    if not layout.headings and len(refused) * 5 > len(lines):
        raise refuse("file_no_name_column")  # some other file: customers are never deleted, so better none of it
    columns = {field: layout.headings[place] for field, place in layout.places.items() if layout.headings}
    ignored = [h for place, h in enumerate(layout.headings) if h and place not in layout.places.values()]
    return CsvSheet(text.encoding, columns, ignored, lines, refused)


def _sorted(
    found: Iterator[CsvRecord], layout: _Layout, length: int, progress: Progress
) -> tuple[list[CsvLine], list[RefusedLine]]:
    """The lines that can be taken, and those that can't."""
    lines: list[CsvLine] = []
    refused: list[RefusedLine] = []
    for count, record in enumerate(found):
        if count % STEP == 0:
            progress(record.line, length)
        taken = _taken(record, layout)
        if isinstance(taken, Refusal):
            refused.append(RefusedLine(record.line, taken))
        else:
            lines.append(CsvLine(record.line, taken))
    progress(length, length)
    return lines, refused


def _layout(physical: list[str]) -> _Layout:
    """Where the headings are and what separates the columns; a file without headings may hold names only."""
    hint = read_hinted_delimiter(physical)
    start = 1 if hint else 0
    for delimiter in [hint] if hint else DELIMITERS:
        head = next(read_records(physical, delimiter, start), None)
        if head and head.fields and "name" in (places := _places(head.fields)):
            single = len(head.fields) == 1
            first = _after(physical, delimiter, start)
            places = _without_other_ids(places, head.fields, next(read_records(physical, delimiter, first), None))
            return _Layout(NEVER if single else delimiter, first, places, [h.strip() for h in head.fields])
    if hint or _is_table(physical):
        raise refuse("file_no_name_column")
    return _Layout(NEVER, start, {"name": 0}, [])


def _places(headings: Sequence[str]) -> dict[str, int]:
    """Which of the headings means which of our fields."""
    said = list(map(_said, headings))
    found = {field: next((said.index(n) for n in names if n in said), -1) for field, names in HEADINGS.items()}
    return {field: place for field, place in found.items() if place >= 0}


def _said(heading: str) -> str:
    return "".join(filter(str.isalnum, fold(heading)))


def _without_other_ids(places: dict[str, int], headings: Sequence[str], first: CsvRecord | None) -> dict[str, int]:
    """The places without a tenant ID that is only a number of somebody's own, as the first line shows."""
    place = places.get("tenant_id")
    if place is None or _said(headings[place]) not in MAYBE_TENANT_ID or first is None or first.fields is None:
        return places
    if not (value := _maybe(_cell(first.fields, place)).strip("{}")) or _GUID.fullmatch(value):
        return places
    return {field: other for field, other in places.items() if field != "tenant_id"}


def _after(physical: list[str], delimiter: str, start: int) -> int:
    """The index of the line after the headings."""
    both = read_records(physical, delimiter, start)
    next(both)
    data = next(both, None)
    return len(physical) if data is None else data.line - 1


def _is_table(physical: list[str]) -> bool:
    """True when the lines agree on a number of columns above one, or name a column of ours: headings, but no name."""
    for delimiter in DELIMITERS:
        sample = [record.fields or [] for record, _ in zip(read_records(physical, delimiter), range(20), strict=False)]
        widths = {len(fields) for fields in sample}
        if len(widths) == 1 and widths != {1} and (len(sample) > 1 or _places(sample[0])):
            return True
    head = next(read_records(physical, NEVER), None)
    return bool(head and head.fields and _places(head.fields))


def _taken(record: CsvRecord, layout: _Layout) -> ColumnDraft | Refusal:
    """The customer a record tells of, or why it can't be taken."""
    if record.fields is None:
        return Refusal("line_quotes")
    if any(field.strip() for field in record.fields[len(layout.headings) or 1 :]):
        return Refusal("line_columns")
    said = {field: _cell(record.fields, place) for field, place in layout.places.items()}
    if not layout.headings and _NOT_A_NAME.search(said["name"]):
        return Refusal("line_not_a_name")
    if UNREADABLE in "".join(said.values()):
        return Refusal("line_unreadable")
    if not all(map(is_clean, said.values())):
        return Refusal("line_control")
    draft = ColumnDraft(
        _tidy(said["name"]), _maybe(said.get("domain", "")).rstrip("."), _maybe(said.get("tenant_id", "")).strip("{}"),
        _tidy(said.get("relationship", "")),
    )  # fmt: skip
    return next(_faults(draft), draft)


def _faults(draft: ColumnDraft) -> Iterator[Refusal]:
    if not draft.name or not any(map(str.isalnum, draft.name)):
        yield Refusal("line_no_name")
    if max(len(draft.name), len(draft.relationship)) > NAME_LIMIT:
        yield Refusal("line_too_long", values={"limit": NAME_LIMIT})
    if draft.tenant_id and (not _GUID.fullmatch(draft.tenant_id) or not draft.tenant_id.strip("0-")):
        yield Refusal("line_tenant_id", values={"found": draft.tenant_id[:40]})
    if draft.domain and (len(draft.domain) > DOMAIN_LIMIT or not _DOMAIN.fullmatch(draft.domain)):
        yield Refusal("line_domain", values={"found": draft.domain[:40]})


def _cell(fields: Sequence[str], place: int) -> str:
    return fields[place] if place < len(fields) else ""


def _tidy(text: str) -> str:
    """Composed (as models.rules.escalations.request.clean does), without invisible characters, and with single
    spaces.
    """
    seen = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(seen.split())


def _maybe(text: str) -> str:
    """A folded identifier; what people write for "none" is nothing."""
    said = fold(_tidy(text))
    return "" if said in _NOTHING else said
