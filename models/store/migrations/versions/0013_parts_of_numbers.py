"""Escalations are found by any part of a number, and by words without their accents; also those raised before.

Only the index of words is written anew: of each case what it is found by, and the parts of its numbers.
"""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

CHUNK = 500
_DIGIT, _ACCENTS = re.compile(r"\d"), re.compile("[\u0300-\u036f]")
_READ = {
    "sqlite": "SELECT rowid, words FROM escalation_words WHERE rowid > :after ORDER BY rowid LIMIT :many",
    "postgresql": "SELECT number, array_to_string(tsvector_to_array(words), ' ') FROM escalation_words"
    " WHERE number > :after ORDER BY number LIMIT :many",
}
_ADD = {
    "sqlite": "UPDATE escalation_words SET words = words || ' ' || :more WHERE rowid = :number",
    "postgresql": "UPDATE escalation_words SET words = words || CAST(:more AS tsvector) WHERE number = :number"
    " AND octet_length(CAST(words AS text)) < 900000",
}


def upgrade() -> None:
    connection = op.get_bind()
    kind, after = connection.dialect.name, 0
    read, add = sa.text(_READ[kind]), sa.text(_ADD[kind])
    while rows := connection.execute(read, {"after": after, "many": CHUNK}).all():
        for number, words in rows:
            known = set(words.split())
            more = sorted({part for word in known for part in _parts(word)} - known)
            if more:
                said = more if kind == "sqlite" else [f"'{one}'" for one in more]
                connection.execute(add, {"number": number, "more": " ".join(said)})
            after = number


def _parts(word: str) -> Iterator[str]:
    """A word without its accents, and what follows in it from each digit on."""
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", word)))
    yield bare
    number = bare[:40]
    yield from (number[match.start() :] for match in _DIGIT.finditer(number, 1) if len(number) - match.start() > 1)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
