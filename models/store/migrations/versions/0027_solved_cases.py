"""Solved cases are found by what is like a new problem; a case may say which other one's fix solved it.

The index of the words of solved cases is filled from all that are solved already.
"""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

CHUNK = 500
MOST_TERMS = 150
_CREATE = {
    "sqlite": ("CREATE VIRTUAL TABLE solution_words USING fts5(words, tokenize = 'ascii', detail = 'none')",),
    "postgresql": (
        "CREATE TABLE solution_words (number integer PRIMARY KEY, words text[] NOT NULL)",
        "CREATE INDEX solution_words_index ON solution_words USING gin (words)",
    ),
}
_SOLVED = """SELECT number, title, fix, details FROM escalation
    WHERE number > :after AND status IN ('resolved', 'closed') AND duplicate_of IS NULL AND fix <> ''
    ORDER BY number LIMIT :many"""
_ADD = {
    "sqlite": "INSERT INTO solution_words (rowid, words) VALUES (:number, :words)",
    "postgresql": "INSERT INTO solution_words (number, words) VALUES (:number, CAST(:words AS text[]))",
}
_ACCENTS, _IDEOGRAPHS = re.compile("[\u0300-\u036f]"), re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]+")
_JOINED, _WORD, _DIGIT = re.compile(r"[a-z0-9]+(?:[._][a-z0-9]+)*"), re.compile(r"[^\W\d_]+"), re.compile(r"\d")
_NO_CODE = re.compile(r"\d{1,2}\.\d{1,2}|20\d\d|(?:m|o|office|d|dynamics|windows)?365")
_FILLERS = re.compile(
    "(?:客户|用户|问题|无法|不能|出现|提示|报错|错误|我们|他们|需要|请问|怎么|现在|今天|昨天|已经|情况|进行|可以|使用|公司|"
    "[的了是在和与或被把请吗呢但也就都])+"
)
_STOP_TEXT = """
    a about after again all also an and any are as at be been before but by can cannot could csp do does for from get
    had has have he her his how if in into is it its may my no not now of on or our out she since so some than that the
    their them then there they this to up us use user users was we were what when where which who why will with would
    you your customer customers error errors problem issue please since today yesterday"""
_STOP_WORDS = frozenset(_STOP_TEXT.split())


def upgrade() -> None:
    op.add_column("escalation", sa.Column("solved_from", sa.Integer(), nullable=True))
    has_solution = sa.text("solved_from IS NOT NULL")
    op.create_index(
        "escalation_by_solution", "escalation", ["solved_from"],
        sqlite_where=has_solution, postgresql_where=has_solution,
    )  # fmt: skip
    for statement in _CREATE[op.get_bind().dialect.name]:
        op.execute(statement)
    _fill()


def _fill() -> None:
    connection, after = op.get_bind(), 0
    kind = connection.dialect.name
    read, add = sa.text(_SOLVED), sa.text(_ADD[kind])
    while rows := connection.execute(read, {"after": after, "many": CHUNK}).all():
        for number, *texts in rows:
            terms = list(dict.fromkeys(_terms("\n".join(texts))))[:MOST_TERMS]
            if terms:
                words = " ".join(terms) if kind == "sqlite" else terms
                connection.execute(add, {"number": number, "words": words})
            after = number


def _terms(text: str) -> Iterator[str]:
    """The terms of a text: error codes, pairs of ideographs, and words without their endings."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded)))
    for match in _JOINED.finditer(folded):
        code = re.sub("[._]", "", match[0])
        if _DIGIT.search(code) and len(code) > 2 and not _NO_CODE.fullmatch(match[0]):
            yield code
    for run in _IDEOGRAPHS.findall(folded):
        for part in _FILLERS.split(run):
            yield from (part[at : at + 2] for at in range(len(part) - 1))
    without_codes = _JOINED.sub(lambda match: " " if _DIGIT.search(match[0]) else match[0], folded)
    for word in _WORD.findall(_IDEOGRAPHS.sub(" ", without_codes)):
        if len(word) > 1 and word not in _STOP_WORDS:
            yield _stem(word)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending)
            break
    return word.removesuffix("e") if len(word) > 4 else word


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
