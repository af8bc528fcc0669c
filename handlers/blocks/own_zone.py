"""Instants within a sentence that Slack writes in each reader's own zone."""

import re
from datetime import datetime

from handlers.blocks import block_kit
from handlers.i18n.words import Words

_AFTER_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff])(?=<!date\^)")


def in_sentence(at: datetime, words: Words) -> str:
    """Return an instant: “18:03 today”, in Chinese “今天 18:03”, in both languages “2026-11-30 18:03”."""
    worded = block_kit.WORDED if words.is_chinese else block_kit.TIME_FIRST
    return block_kit.moment(at, block_kit.NUMERIC if words.is_both else worded)


def make_numeric(line: str) -> str:
    """Return a line of several languages with its instants in numbers, which stand apart from Chinese words."""
    spaced = _AFTER_CHINESE.sub(" ", line)
    return spaced.replace(block_kit.WORDED, block_kit.NUMERIC).replace(block_kit.TIME_FIRST, block_kit.NUMERIC)
