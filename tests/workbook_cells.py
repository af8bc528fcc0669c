"""Reads the cells of a workbook that we wrote: texts as str, numbers as float, with the format of each."""

import io
import re
from dataclasses import dataclass
from xml.etree import ElementTree
from zipfile import ZipFile

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Value = str | float | None


@dataclass(frozen=True)
class Cell:
    """One cell, and the format of its number."""

    value: Value
    form: str


class ReadBook:
    """A workbook that was written."""

    def __init__(self, content: bytes) -> None:
        with ZipFile(io.BytesIO(content)) as book:
            self._parts = {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}
        styles = ElementTree.fromstring(self._parts["xl/styles.xml"])  # noqa: S314 - our own file
        codes = {found.get("numFmtId"): found.get("formatCode") or "" for found in styles.iter(f"{SHEET}numFmt")}
        (formats,) = styles.iter(f"{SHEET}cellXfs")
        self._forms = [codes.get(form.get("numFmtId"), "") for form in formats]
        names = ElementTree.fromstring(self._parts["xl/workbook.xml"]).iter(f"{SHEET}sheet")  # noqa: S314 - ours
        self.titles = [name.get("name") for name in names]

    def cells(self, title: str) -> list[list[Cell]]:
        """Return the rows of a sheet without its heading; a cell without a value is left out at the end only."""
        text = self._parts[f"xl/worksheets/sheet{self.titles.index(title) + 1}.xml"]
        sheet = ElementTree.fromstring(text)  # noqa: S314 - our own file
        return [self._read_row(row) for row in sheet.iter(f"{SHEET}row")][1:]

    def values(self, title: str) -> list[list[Value]]:
        """Return the values of a sheet without its heading."""
        return [[cell.value for cell in row] for row in self.cells(title)]

    def _read_row(self, row: ElementTree.Element) -> list[Cell]:
        found: list[Cell] = []
        for cell in row:
            letter = re.sub(r"\d", "", cell.get("r") or "")
            place = ord(letter) - ord("A")
            found += [Cell(None, "")] * (place - len(found))
            text, is_text = "".join(cell.itertext()), cell.get("t") is not None
            value: Value = text if is_text else float(text) if text else None
            found.append(Cell(value, self._forms[int(cell.get("s") or 0)]))
        return found
