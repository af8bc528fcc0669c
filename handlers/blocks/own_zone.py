"""Instants within a sentence that Slack writes in each reader's own zone."""

from datetime import datetime

from handlers.blocks import block_kit
from handlers.i18n.words import Words


def in_sentence(at: datetime, words: Words) -> str:
    """Return an instant: “18:03 today”, in Chinese “今天 18:03”, in both languages “2026-11-30 18:03”."""
    worded = block_kit.WORDED if words.is_chinese else block_kit.TIME_FIRST
    return block_kit.moment(at, block_kit.NUMERIC if words.is_both else worded)
