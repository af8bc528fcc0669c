"""The support statement: what customers are told of our support, in both languages. A file is one version."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from models.rules.toml.document import read_document
from models.rules.toml.tables import FaultKind, Table

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class SupportText:
    """The statement in one language."""

    types: str  # types of support
    hours: str
    site: str
    email: str
    phone: str
    price: str


@dataclass(frozen=True)
class Statement:
    """One version of the statement."""

    texts: Mapping[str, SupportText]  # by language


def parse_statement(text: str) -> Statement:
    """Return the statement that a file describes. Raises InvalidFile with every fault and its line."""
    return read_document(text, _build)


def _build(top: Table) -> Statement:
    texts = {language: _read_language(top, language) for language in LANGUAGES}
    top.finish()
    return Statement(texts)


def _read_language(top: Table, language: str) -> SupportText:
    """Return the text in one language. A table that is left out is one fault, not one for each of its keys."""
    if top.has(language):
        return _read_text(top.table(language))
    top.fault(FaultKind.MISSING, f"[{language}]")
    return SupportText(*("" for _ in fields(SupportText)))


def _read_text(table: Table) -> SupportText:
    text = SupportText(*(table.text(field.name) for field in fields(SupportText)))
    table.finish()
    return text
