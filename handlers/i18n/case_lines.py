"""One line about a case, in English and in Chinese: “CSP-7 SR 6261…”, “CSP-7 等客户”, “CSP-7 告知 电话”.

It reads text only; ``handlers.commands`` carries out what was meant. What is not certain is asked, never guessed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from handlers.i18n.subcommands import ALIASES
from handlers.i18n.subcommands import MOVES as MOVE_OF
from models.rules.escalations.escalation import InformedBy, Move, Turn

TURNS: Mapping[str, Turn] = {
    "customer": Turn.CUSTOMER, "with the customer": Turn.CUSTOMER, "等客户": Turn.CUSTOMER, "客户": Turn.CUSTOMER,
    "21v": Turn.VENDOR, "21vianet": Turn.VENDOR, "vendor": Turn.VENDOR, "with 21vianet": Turn.VENDOR,
    "世纪互联": Turn.VENDOR, "等世纪互联": Turn.VENDOR,
    "ours": Turn.OURS, "us": Turn.OURS, "with us": Turn.OURS, "我们": Turn.OURS, "轮到我们": Turn.OURS,
}  # fmt: skip
WAYS: Mapping[str, InformedBy] = {
    "phone": InformedBy.PHONE, "by phone": InformedBy.PHONE, "call": InformedBy.PHONE, "电话": InformedBy.PHONE,
    "email": InformedBy.EMAIL, "e-mail": InformedBy.EMAIL, "mail": InformedBy.EMAIL, "邮件": InformedBy.EMAIL,
    "wecom": InformedBy.WECOM, "wechat": InformedBy.WECOM, "企业微信": InformedBy.WECOM, "微信": InformedBy.WECOM,
    "in person": InformedBy.IN_PERSON, "visit": InformedBy.IN_PERSON, "当面": InformedBy.IN_PERSON,
}  # fmt: skip
MOVES: Mapping[str, Move] = {
    **{word: MOVE_OF[verb] for word, verb in ALIASES.items() if verb in MOVE_OF}, **MOVE_OF,
    "sr": Move.RECORD, "工单号": Move.RECORD, "服务请求编号": Move.RECORD, "告知": Move.TELL, "已告知": Move.TELL,
    "called": Move.CONTACT, "已响应": Move.CONTACT, "已来电": Move.CONTACT, "resolved": Move.RESOLVE,
    "已解决": Move.RESOLVE, "重复": Move.DUPLICATE,
}  # fmt: skip
"""The words of the subcommands, and shorter ones that are clear after the name of a case."""
WORDS = frozenset({*TURNS, *MOVES})
LINE = re.compile(r"#?csp[\s_-]*(\d{1,9})[\s:：,，]*(.*)", re.IGNORECASE | re.DOTALL)
_WITHOUT_TEXT = frozenset({Move.ACKNOWLEDGE, Move.CONTACT, Move.CLOSE, Move.WAKE})
"""Moves whose word stands alone: more words after it may mean something else."""
_REQUEST_NUMBER = re.compile(r"[0-9]{8,}")
_ORIGINAL = re.compile(r"(?:of\s+)?#?(?:csp)?[\s_-]*(\d{1,9})", re.IGNORECASE)
_ALIKE = 0.6


@dataclass(frozen=True)
class CaseLine:
    """What was typed about one case."""

    number: int
    move: Move | None = None  # None when it could not be understood
    text: str = ""  # the words of the move, such as a note
    turn: Turn | None = None
    through: InformedBy | None = None
    original: str = ""  # the name of the case that this one repeats
    nearest: str = ""  # of a line that was not understood: the line that was probably meant


def parse_case_line(text: str) -> CaseLine | None:
    """Return what a line says about a case; None when it does not begin with the name of one, or is nothing else."""
    match = LINE.fullmatch(text.strip())
    if match is None or not match[2].strip():
        return None
    number, rest = int(match[1]), match[2].strip()
    folded = " ".join(unicodedata.normalize("NFKC", rest).lower().split()).rstrip(".。!")
    if turn := TURNS.get(folded):
        return CaseLine(number, Move.TURN, turn=turn)
    word = _find_word(folded)
    argument = rest[len(word) :].strip(" :：,，\t\n") if word else ""
    if move := MOVES.get(word):
        return _read_move(number, move, word, argument)
    return CaseLine(number, nearest=_find_nearest(number, folded))


def _find_word(folded: str) -> str:
    """Return the word a line begins with. Chinese is typed without a space after it: “备注重启了”."""
    first = folded.split(maxsplit=1)[0].rstrip(":,")
    if first in MOVES:
        return first
    glued = sorted((word for word in MOVES if not word.isascii() and folded.startswith(word)), key=len)
    return glued[-1] if glued else ""


def _read_move(number: int, move: Move, word: str, argument: str) -> CaseLine:
    if move is Move.TELL:
        through = WAYS.get(" ".join(unicodedata.normalize("NFKC", argument).lower().split()))
        if argument and through is None:
            return CaseLine(number, nearest=f"CSP-{number} {word}")
        return CaseLine(number, move, through=through)
    if move in {Move.DUPLICATE, Move.PARENT} and argument:
        match = _ORIGINAL.fullmatch(argument)
        return CaseLine(number, move, original=match[1]) if match else CaseLine(number, nearest=f"CSP-{number} {word}")
    if argument and move in _WITHOUT_TEXT:
        return CaseLine(number, nearest=f"CSP-{number} {word}")
    return CaseLine(number, move, argument)


def _find_nearest(number: int, folded: str) -> str:
    if _REQUEST_NUMBER.fullmatch(folded):
        return f"CSP-{number} SR {folded}"
    first = folded.split(maxsplit=1)[0]
    near = next(iter(get_close_matches(first, sorted(WORDS), 1, _ALIKE)), "")
    return f"CSP-{number} {near}" if near else ""
