"""What a shell offers behind cases, members, seats and people: read from the database, fast, or nothing at all.

It reads with the bare drivers: the rest of the program takes longer to import than a person waits for a key.
"""

import os
import re
import sqlite3
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dotenv import dotenv_values

from bot.late_module import LateModule
from bot.limited_question import LimitedQuestion

psycopg = LateModule("psycopg")
DEFAULT_DATABASE = "sqlite:///csp-escalate.db"
WAIT = 0.4
"""Seconds after which nothing is offered."""
_STATEMENT_MS = 300
_CASES = (
    "SELECT number, title FROM escalation ORDER BY CASE WHEN status IN ('closed', 'withdrawn') THEN 1 ELSE 0 END, "
    "number DESC LIMIT 50"
)
_ROTA = "SELECT text FROM rota_plan ORDER BY id DESC LIMIT 1"
_PEOPLE = "SELECT name FROM person WHERE NOT is_bot AND NOT is_deleted ORDER BY name"
_SPECIAL = re.compile(r"[^\w .-]")
"""What a shell may read as more than text. Some shells evaluate what is offered, and people typed it."""
USUAL_SEATS = ("primary", "backup")
"""The seats of a rota that names none."""

Rows = list[tuple[Any, ...]]


class Offer(NamedTuple):
    """One word that a shell offers, and what it says beside it."""

    word: str
    help: str = ""


def find_offers(
    kind: Callable[[str], Iterator[Offer]], env_file: Path | None, environ: Mapping[str, str] | None = None
) -> list[Offer]:
    """Return what can be typed; nothing when the database is away, slow, empty or of another version.

    A word with a character that is special to a shell is left out; in what stands beside a word, a space replaces it.
    """
    try:
        url = _find_url(env_file, os.environ if environ is None else environ)
        offers = LimitedQuestion(lambda: list(kind(url))).ask(WAIT)
    except Exception:  # whatever broke: a person who presses Tab must read no error
        return []
    return [Offer(word, _SPECIAL.sub(" ", beside)) for word, beside in offers if not _SPECIAL.search(word)]


def list_cases(url: str) -> Iterator[Offer]:
    """Yield the cases, open ones first."""
    yield from (Offer(f"CSP-{number}", str(title)) for number, title in _read(url, _CASES))


def list_members(url: str) -> Iterator[Offer]:
    """Yield the members of the rota."""
    yield from (Offer(member["name"]) for member in _read_rota(url).get("member", ()))


def list_seats(url: str) -> Iterator[Offer]:
    """Yield the seats of the rota."""
    seats = [seat["name"] for seat in _read_rota(url).get("seat", ())]
    yield from map(Offer, seats or USUAL_SEATS)


def list_people(url: str) -> Iterator[Offer]:
    """Yield the members of the rota, and those whom the bot met in Slack."""
    names = [*(offer.word for offer in list_members(url)), *(name for (name,) in _read(url, _PEOPLE))]
    yield from map(Offer, dict.fromkeys(names))


def _find_url(env_file: Path | None, environ: Mapping[str, str]) -> str:
    """Return where the database is, as the settings say."""
    from_file = dotenv_values(env_file or ".env", interpolate=False)
    return environ.get("DATABASE_URL", "").strip() or from_file.get("DATABASE_URL") or DEFAULT_DATABASE


def _read_rota(url: str) -> Mapping[str, Any]:
    rows = _read(url, _ROTA)
    return tomllib.loads(rows[0][0]) if rows else {}


def _read(url: str, query: str) -> Rows:
    """Return the rows of a query, which can change nothing."""
    scheme, _, rest = url.partition("://")
    if scheme.startswith("sqlite"):
        path = Path(rest.removeprefix("/").partition("?")[0])
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=WAIT)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()
    with psycopg.connect(f"postgresql://{rest}", connect_timeout=2) as connection:
        connection.execute("SET TRANSACTION READ ONLY")
        connection.execute(f"SET LOCAL statement_timeout = {_STATEMENT_MS}")
        rows: Rows = connection.execute(query).fetchall()
        return rows
