"""How alike two descriptions of a problem are: the terms of a text, what each is worth, and the ranking. Pure.

Words of letters are cut to their stem. Neither language needs a dictionary: of Chinese each pair of neighbouring
ideographs is a term, so that 邮件退回 gives 邮件, 件退 and 退回. An error code is one term, however it is punctuated.
The measure is the cosine of both texts, each term weighted by how few cases contain it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import log, sqrt

from models.rules.customers.customer import fold, strip_accents
from models.rules.escalations.escalation import Escalation, Status

SOLVED = frozenset({Status.RESOLVED, Status.CLOSED})
MOST_TERMS = 150
"""Terms of one text that are kept: those of its title and its fix come first."""
LEAST_ALIKE, LEAST_ALIKE_ELSEWHERE = 0.12, 0.25
"""From which similarity on a case is shown: of the same service, and of another one."""
CODE_COUNTS = 2.0
"""How much more an error code or number is worth than a word that is as rare."""
ASSUMED_TEXTS = 50
"""Texts that are assumed besides those that were counted, so that a word of the first cases is not thought rare."""
_IDEOGRAPHS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]+")
_JOINED = re.compile(r"[a-z0-9]+(?:[._][a-z0-9]+)*")
_WRITTEN = re.compile(_JOINED.pattern, re.IGNORECASE | re.ASCII)
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_NO_CODE = re.compile(r"\d{1,2}\.\d{1,2}|20\d\d|(?:m|o|office|d|dynamics|windows)?365|21vianet")
"""Digits that tell nothing of a problem: years, small numbers and names of products."""
_FILLERS = re.compile(
    "(?:客户|用户|问题|无法|不能|出现|提示|报错|错误|我们|他们|需要|请问|怎么|现在|今天|昨天|已经|情况|进行|可以|使用|公司|"
    "[的了是在和与或被把请吗呢但也就都])+"
)
"""Words and single ideographs that tell nothing of a problem; what stands around them are words of their own."""
_STOP_TEXT = """
    a about after again all also an and any are as at be been before but by can cannot could csp do does for from get
    had has have he her his how if in into is it its may my no not now of on or our out she since so some than that the
    their them then there they this to up us use user users was we were what when where which who why will with would
    you your customer customers error errors problem issue please since today yesterday"""
_STOP_WORDS = frozenset(_STOP_TEXT.split())
_ENDINGS = ("ing", "ed", "es", "s", "e")


def find_terms(text: str) -> Iterator[str]:
    """Yield the terms of a text in order, some of them more than once."""
    folded = strip_accents(fold(text))
    yield from (re.sub("[._]", "", code) for code in _find_codes(folded, _JOINED))
    for run in _IDEOGRAPHS.findall(folded):
        for part in _FILLERS.split(run):
            yield from (part[at : at + 2] for at in range(len(part) - 1))
    for word in _WORD.findall(_JOINED.sub(_without_codes, _IDEOGRAPHS.sub(" ", folded))):
        if len(word) > 1 and word not in _STOP_WORDS:
            yield _stem(word)


def find_written_codes(text: str) -> Iterator[str]:
    """Yield the error codes and numbers of a text as they were written."""
    return _find_codes(text, _WRITTEN)


def _find_codes(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    for match in pattern.finditer(text):
        code = match[0]
        if (
            _DIGIT.search(code)
            and len(code.replace(".", "").replace("_", "")) > 2
            and not _NO_CODE.fullmatch(code.lower())
        ):
            yield code


def _without_codes(match: re.Match[str]) -> str:
    return " " if _DIGIT.search(match[0]) else match[0]


def list_solution_terms(escalation: Escalation) -> list[str]:
    """Return the distinct terms by which a solved case is found again: its title, its fix, then its details."""
    text = "\n".join((escalation.title, escalation.fix or "", escalation.details))
    return list(dict.fromkeys(find_terms(text)))[:MOST_TERMS]


def is_solution(escalation: Escalation) -> bool:
    """Return whether a case tells how a problem is solved. One that repeats another leaves that to its original."""
    return escalation.status in SOLVED and bool(escalation.fix) and escalation.duplicate_of is None


@dataclass(frozen=True)
class TermCounts:
    """In how many of the counted texts each term is."""

    texts: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Collection[Iterable[str]]) -> "TermCounts":
        """Count the terms of texts."""
        return cls(len(texts), Counter(term for terms in texts for term in set(terms)))

    def share(self, term: str) -> float:
        """Return in which share of all texts a term is expected; more than 0 for one that was never counted."""
        return (self.counts.get(term, 0) + 0.5) / (self.texts + 1)

    def weigh(self, term: str) -> float:
        """Return what a term is worth: the rarer, the more."""
        rarity = log((self.texts + ASSUMED_TEXTS + 1) / (self.counts.get(term, 0) + 1))
        return rarity * (CODE_COUNTS if _DIGIT.search(term) else 1.0)


@dataclass(frozen=True)
class Candidate:
    """A solved case, or an article, that shares terms with a new problem. The higher its ``key``, the newer it is.

    The key of an article is below 0: it was written for others, so it comes before a case that is as much alike.
    """

    key: int
    terms: Collection[str]
    service: str


def rank(
    wanted: Collection[str], service: str, candidates: Iterable[Candidate], counts: TermCounts, limit: int
) -> list[int]:
    """Return the keys of the most similar candidates: the same service first, then the most alike, then the newest.

    Several candidates with one key count as the most similar of them.
    """
    weights: dict[str, float] = {}
    wanted = set(wanted)
    length = _measure(wanted, counts, weights)
    best: dict[int, tuple[bool, float, bool, int]] = {}
    for candidate in candidates:
        shared = sum(weights[term] for term in wanted.intersection(candidate.terms))
        alike = shared / sqrt(length * _measure(set(candidate.terms), counts, weights)) if shared else 0.0
        is_same = candidate.service == service
        if alike >= (LEAST_ALIKE if is_same else LEAST_ALIKE_ELSEWHERE):
            place = (is_same, round(alike, 1), candidate.key < 0, abs(candidate.key))
            best[candidate.key] = max(place, best.get(candidate.key, place))
    return sorted(best, key=lambda key: best[key], reverse=True)[:limit]


def _measure(terms: Iterable[str], counts: TermCounts, weights: dict[str, float]) -> float:
    """Return the sum of the squared weights of terms, remembering each in ``weights``."""
    total = 0.0
    for term in terms:
        if (weight := weights.get(term)) is None:
            weight = weights[term] = counts.weigh(term) ** 2
        total += weight
    return total


def _stem(word: str) -> str:
    """Return a word without its English ending: bounces, bounced and bouncing become one."""
    for ending in _ENDINGS[:-1]:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending)
            break
    return word.removesuffix("e") if len(word) > 4 else word
