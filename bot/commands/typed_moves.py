"""What is typed after ``escalations do CSP-7``: a move, by any word that Slack takes, and what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.commands.escalation_show import find_case_number
from bot.commands.session import CommandError
from bot.commands.typed_answers import ANSWER, fold, read_answer
from handlers.i18n.case_lines import MOVES, TURNS, WAYS
from handlers.i18n.subcommands import MOVES as MOVE_OF
from handlers.i18n.subcommands import PHRASES
from handlers.i18n.words import N_, Words
from models.rules.escalations.escalation import InformedBy, Move, Turn
from models.rules.escalations.request import Severity
from models.rules.toml.similar_names import find_nearest

VERBS: Mapping[str, str] = {
    "acknowledge": "认领", "note": "备注", "number": "编号", "informed": "告知", "responded": "已响应",
    "customer": "等客户", "21v": "等世纪互联", "ours": "轮到我们", "resolve": "解决", "close": "关闭",
    "close-uninformed": "不告知客户直接关闭", "reopen": "重新打开", "reassign": "转交", "withdraw": "撤回",
    "wake": "结束暂缓", "duplicate": "重复", "parent": "归入",
    "ask-lead": "请组长审核", "approve": "批准", "send-back": "退回给负责人", "answer": "回答",
}  # fmt: skip
"""One word for each thing that can be done, and its Chinese; the others of Slack are understood too."""
NEED_FORM = frozenset({Move.CORRECT, Move.SNOOZE, Move.TELL_DETAILS, Move.RETURNED})
"""Moves that need more than one text."""
NEEDS: Mapping[Move, str] = {Move.HAND_OVER: N_("--to NAME"), Move.RECORD: N_("NUMBER")}
"""What a move needs that is no free text, as its help calls it: messages of the catalogue."""
TEXT = N_("TEXT")
NAMING_CASE = frozenset({Move.DUPLICATE, Move.PARENT})
"""Moves whose text names another case; without one they end what was named before."""


@dataclass(frozen=True)
class TypedMove:
    """A move and what was typed for it."""

    verb: str  # as it was typed
    move: Move
    text: str = ""
    turn: Turn | None = None
    through: InformedBy | None = None
    original: int | None = None  # the number of the other case that is named
    severity: Severity | None = None  # what 21Vianet gave, with its number
    changes: Mapping[str, Any] = field(default_factory=dict)  # answers that are given

    @property
    def needs(self) -> str:
        """What has to follow the word, as its help calls it."""
        return NEEDS.get(self.move, TEXT)


def read_move(verb: str, text: str, case: str, words: Words) -> TypedMove:
    """Return the move of a word. Raises CommandError with code 2 for any other word, and where a form is needed.

    ``case`` is the name of the case, such as CSP-7.
    """
    typed = fold(verb)
    if typed in ANSWER:
        return TypedMove(verb, Move.CORRECT, changes=read_answer(text, words))
    if turn := TURNS.get(typed):
        return TypedMove(verb, Move.TURN, text, turn=turn)
    move = MOVES.get(PHRASES.get(typed, typed))
    if move is None:
        raise CommandError(_say_possible(verb, typed, words), code=2)
    if move in NEED_FORM:
        typed_in_slack = next(word for word, form in MOVE_OF.items() if form is move)
        says = N_("“{verb}” needs a form. Do it in Slack: /csp-escalate {command} {name}")
        raise CommandError(words(says, verb=verb, command=typed_in_slack, name=case), code=2)
    if move is Move.TELL and (through := WAYS.get(fold(text))):
        return TypedMove(verb, move, through=through)
    if move in NAMING_CASE:
        return TypedMove(verb, move, original=find_case_number(text, words) if text.strip() else None)
    return TypedMove(verb, move, text)


def give_severity(typed: TypedMove, severity: str | None, words: Words) -> TypedMove:
    """Return a move with the severity that 21Vianet gave. Raises CommandError with code 2 for any move but a number."""
    if severity is None:
        return typed
    if typed.move is not Move.RECORD:
        says = N_("--severity is what 21Vianet gave with its number: it goes with “number” only.")
        raise CommandError(words(says), code=2)
    if fold(severity).upper() not in set(Severity):
        says = N_("“{given}” is no severity. Possible are: {possible}")
        raise CommandError(
            words(says, given=severity, possible=words.join_items([str(each) for each in Severity])), code=2
        )
    return replace(typed, severity=Severity(fold(severity).upper()))


def _say_possible(verb: str, typed: str, words: Words) -> str:
    says = words(N_("“{verb}” is not one of: {verbs}"), verb=verb, verbs=words.join_items(_list_verbs(words)))
    meant = find_nearest(typed, {*MOVES, *TURNS})
    near = next((listed for listed in VERBS if meant and _means_same(listed, meant)), meant)
    near = VERBS.get(near or "", near) if words.is_chinese else near
    return f"{says}\n  {words(N_('Did you mean “{nearest}”?'), nearest=near)}" if near else says


def _list_verbs(words: Words) -> list[str]:
    """Return the words that are offered; in Chinese each with its English, which a terminal types more easily."""
    return [f"{chinese}（{verb}）" for verb, chinese in VERBS.items()] if words.is_chinese else list(VERBS)


def _means_same(verb: str, other: str) -> bool:
    """Return whether two words make the same move: “ack” is not listed, “acknowledge” is."""
    move, turn = MOVES.get(PHRASES.get(verb, verb)), TURNS.get(verb)
    return (move is not None and move is MOVES.get(other)) or (turn is not None and turn is TURNS.get(other))
