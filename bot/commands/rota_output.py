"""What commands of the rota tell: rows for programs under the same columns, and what is odd in a plan for people."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from handlers.i18n.rota_labels import PLAN_WARNING, reason_name
from handlers.i18n.words import Words
from models.rules.escalations.export import BOM, escape_formula
from models.rules.rota.gaps import Gap
from models.rules.rota.rota import Rota
from models.rules.rota.rota_warnings import find_rota_warnings

Cell = str | float | bool | list[str] | None
Row = Sequence[Cell]


class OutputFormat(StrEnum):
    """What is told in."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def as_json(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """A list of objects, one a line."""
    lines = [json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def as_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """The same as a table; a list is joined, and nothing in it is a formula."""
    written = io.StringIO()
    lines = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow(columns)
    for row in rows:
        lines.writerow([escape_formula(_text(cell)) for cell in row])
    return BOM + written.getvalue()


def oddities(rota: Rota, words: Words) -> list[str]:
    """Return what is odd in a plan though it may be read, a sentence each."""
    return [
        words(PLAN_WARNING[warning.kind], layer=warning.layer, names=words.listed(warning.names))
        for warning in find_rota_warnings(rota)
    ]


def reason_of(gap: Gap, words: Words) -> str:
    """Return why there is a gap, and whom or what it is about."""
    about = words.listed((*gap.who, *gap.what))
    reason = reason_name(gap, words)
    return f"{reason}{words.colon}{about}" if about else reason


def local(moment: datetime, zone: ZoneInfo) -> str:
    """Return an instant as the clock in a zone shows it, to the minute."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        return f"{cell:g}"
    return "; ".join(cell) if isinstance(cell, list) else cell or ""


def utc(moment: datetime) -> str:
    """An instant as ISO 8601."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
