"""The subcommands, in English and in Chinese, and how people type them.

It reads text only; ``handlers.commands`` carries out what was meant.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from models.rules.escalations.escalation import Move

CHINESE: Mapping[str, str] = {
    "新建": "new", "列表": "list", "我的": "mine", "查看": "show", "认领": "ack", "历史": "history", "搜索": "search",
    "告知名单": "to-inform", "月报": "report",
    "草稿": "drafts", "快速": "quick", "客户": "customer", "知识": "articles", "退回率": "rates", "整改": "remediation",
    "帮助": "help", "谁值班": "who", "值班表": "rota", "缺口": "gaps", "我的班次": "my", "代班": "cover",
    "替班": "swap", "请假": "leave", "计划内缺口": "intend", "工时": "load", "节假日": "calendar",
}  # fmt: skip
"""What is offered in Chinese."""
_OFFERED = {**{verb: word for word, verb in CHINESE.items()}, "returned": "退回"}
"""The Chinese word that is offered for a subcommand."""
ALIASES: Mapping[str, str] = {
    **CHINESE,
    "呈报": "new", "上报": "new", "升级": "new", "工单": "new", "提单": "new", "发起呈报": "new", "新建呈报": "new",
    "呈报列表": "list", "清单": "list", "我的呈报": "mine", "查询": "search", "查找": "search", "记录": "history",
    "处理记录": "history", "当班": "who", "值班": "who", "排班": "rota", "排班表": "rota", "我的值班": "my",
    "换班": "swap", "找人替班": "swap", "请人替班": "swap", "有意缺口": "intend",
    "休假": "leave", "交接": "handover", "交班": "handover", "接班": "handover", "催办": "chase", "转交": "reassign",
    "转交他人": "reassign", "备注": "note", "添加备注": "note", "解决": "resolve", "标为已解决": "resolve",
    "关闭": "close", "更正": "correct", "修改": "correct", "重新打开": "reopen", "撤回": "withdraw", "暂缓": "snooze",
    "结束暂缓": "wake", "编号": "number", "请求编号": "number", "填写请求编号": "number", "已告知客户": "told",
    "世纪互联已响应": "responded", "告知方式": "how-informed", "不告知客户直接关闭": "close-uninformed",
    "标为重复": "duplicate", "归入": "parent", "归入事件": "parent",
    "整改计划": "remediation", "修正计划": "remediation",
    "请组长审核": "ask-lead", "批准": "approve", "退回给负责人": "send-back",
    "退回": "returned", "已退回": "returned", "被世纪互联退回": "returned",
    "状态": "status", "进度": "status", "我来值班": "gaps", "补位": "gaps", "补班": "gaps",
    "待告知客户": "to-inform", "待告知": "to-inform",
    "知识库": "articles", "文章": "articles", "article": "articles", "kb": "articles", "knowledge": "articles",
    "服务月报": "report", "报告": "report", "reports": "report",
    "快速呈报": "quick", "快速新建": "quick", "fast": "quick", "draft": "drafts", "草稿箱": "drafts",
    "create": "new", "raise": "new", "escalate": "new", "ls": "list", "view": "show", "find": "search", "take": "ack",
    "acknowledge": "ack", "oncall": "who", "on-call": "who", "schedule": "rota", "shifts": "my", "offer": "swap",
    "absence": "leave", "hand-over": "handover", "accept-gap": "intend", "informed": "told", "?": "help",
}  # fmt: skip
"""What is understood besides the English subcommands."""
MOVES: Mapping[str, Move] = {
    "ack": Move.ACKNOWLEDGE, "note": Move.NOTE, "resolve": Move.RESOLVE, "close": Move.CLOSE,
    "reassign": Move.HAND_OVER, "handover": Move.HAND_OVER, "number": Move.RECORD, "told": Move.TELL,
    "responded": Move.CONTACT,
    "how-informed": Move.TELL_DETAILS,
    "close-uninformed": Move.CLOSE_UNINFORMED,
    "duplicate": Move.DUPLICATE, "parent": Move.PARENT,
    "ask-lead": Move.ASK_LEAD, "approve": Move.APPROVE, "send-back": Move.SEND_BACK,
    "returned": Move.RETURNED,
    "reopen": Move.REOPEN, "withdraw": Move.WITHDRAW, "correct": Move.CORRECT, "snooze": Move.SNOOZE, "wake": Move.WAKE,
}  # fmt: skip
"""What is done to the escalation that is named after the word."""
WITHOUT_NAME: Mapping[str, str] = {
    "handover": "my",
    "chase": "mine",
    "status": "list",
    "returned": "rates",
    "told": "to-inform",
}
"""What a word means when no escalation is named after it: one's shifts have the buttons of a handover."""
WITH_NAME: Mapping[str, str] = {"chase": "show", "status": "show"}
"""What it means when one is, if that is another word."""
PHRASES: Mapping[str, str] = {
    "hand over": "handover", "hand off": "handover", "hand to someone": "reassign", "add a note": "note",
    "add note": "note", "request number": "number", "customer told": "told", "21vianet responded": "responded",
    "how informed": "how-informed", "close without informing": "close-uninformed",
    "attach to incident": "parent", "ask a lead": "ask-lead", "send back": "send-back",
    "duplicate of": "duplicate", "returned by 21vianet": "returned", "customer informed": "told",
    "mark customer informed": "told", "wake now": "wake", "end snooze": "wake", "accept gap": "intend",
    "on call": "who", "on duty": "who",
}  # fmt: skip
"""What is written in several words."""
VERBS = frozenset({*CHINESE.values(), *ALIASES.values(), *MOVES, *WITHOUT_NAME})
GLUED = tuple(sorted((word for word in ALIASES if not word.isascii()), key=len, reverse=True))
"""Chinese words, which are often typed without a space after them: “查看CSP-1”."""
_LONG = tuple(sorted((word for word in VERBS if len(word) > 2), key=len, reverse=True))
TAKING_TEXT = frozenset(
    {"show", "history", "search", "who", "ack", "leave", "cover", "quick", "customer", "articles", "report"}
)
NAME = re.compile(r"#?(?:csp)?[\s_-]*(\d{1,9})", re.IGNORECASE)
_WHO_CHINESE = re.compile(r"(?P<before>.*?)\s*谁(?:在|来)?(?:值班|当班)(?!表)(?:的|了|呢)?\s*(?P<after>.*)")
_WHO_ENGLISH = re.compile(r"who(?:'s| is|s)(?: on)?(?:[ -]?(?:call|duty))?\b\s*(?P<after>.*)", re.IGNORECASE)
_PHRASE = re.compile(rf"({'|'.join(PHRASES)})(?:\s+(.*))?".replace(" ", r"\s+"), re.IGNORECASE | re.DOTALL)
_NOW = frozenset({"今天", "今日", "现在", "当前", "today", "now"})
_ALIKE = 0.6


@dataclass(frozen=True)
class TypedCommand:
    """A subcommand in lower case (perhaps unknown), what followed it, and the whole text."""

    verb: str
    rest: str
    text: str


def parse_command(text: str) -> TypedCommand:
    """Parse what was typed after the command."""
    text = text.strip()
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("?。!")
    if name := NAME.fullmatch(plain):
        return TypedCommand("show", name[1], text)
    if asked := _WHO_CHINESE.fullmatch(plain) or _WHO_ENGLISH.fullmatch(plain):
        groups = asked.groupdict()
        when = " ".join(filter(None, (groups.get("before"), groups["after"])))
        return TypedCommand("who", "" if when.lower() in _NOW else when, text)
    verb, rest = _split(text)
    if verb in WITHOUT_NAME:
        verb = WITH_NAME.get(verb, verb) if NAME.fullmatch(rest) else WITHOUT_NAME[verb]
    return TypedCommand(verb, rest, text)


def offer_in_chinese(usage: str, translated: str) -> str:
    """Return a usage, such as “search WORDS”, with its Chinese word; ``translated`` is what follows it in Chinese."""
    word = _OFFERED.get(parse_command(usage).verb)
    return f"{word} {translated.partition(' ')[2]}".strip() if word and not NAME.match(usage) else translated


def _split(text: str) -> tuple[str, str]:
    """Return the subcommand and what follows it."""
    if phrase := _PHRASE.fullmatch(text):
        return PHRASES[" ".join(phrase[1].lower().split())], (phrase[2] or "").strip()
    word, rest = (*text.split(maxsplit=1), "", "")[:2]
    return _verb(word, rest.strip())


def _verb(word: str, rest: str) -> tuple[str, str]:
    """Return the subcommand of a word and what follows it."""
    folded = unicodedata.normalize("NFKC", word).lower()
    if folded in VERBS or folded in ALIASES:
        return ALIASES.get(folded, folded), rest
    for alias in GLUED:
        follows = word.removeprefix(alias)
        if follows != word and (ALIASES[alias] in TAKING_TEXT or NAME.fullmatch(follows)):
            return ALIASES[alias], f"{follows} {rest}".strip()
    return folded, rest


def nearest(typed: TypedCommand) -> str:
    """Return the subcommand that was probably meant, with what followed it; empty when none is near."""
    if typed.verb in VERBS:
        return typed.verb
    first = next((word for word in (*GLUED, *_LONG) if typed.verb.startswith(word)), "")
    near = first or next(iter(get_close_matches(typed.verb, (*ALIASES, *sorted(VERBS)), 1, _ALIKE)), "")
    verb = ALIASES.get(near, near)
    return f"{verb} {typed.rest}".strip() if verb in TAKING_TEXT or verb in MOVES else verb
