"""Rows for programs: JSON and CSV under fixed columns."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from models.rules.escalations.export import BOM, escape_formula

Cell = str | float | bool | list[str] | None
Row = Sequence[Cell]


def as_json(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return a JSON list of objects, one a line."""
    lines = [json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def as_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return a table as CSV: a list in a cell is joined, and no cell is a formula."""
    output = io.StringIO()
    lines = csv.writer(output, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow(columns)
    for row in rows:
        lines.writerow([escape_formula(_cell_text(cell)) for cell in row])
    return BOM + output.getvalue()


def utc(moment: datetime) -> str:
    """Return an instant in ISO 8601, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _cell_text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        return f"{cell:g}"
    return "; ".join(cell) if isinstance(cell, list) else cell or ""
