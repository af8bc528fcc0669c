"""Tests of ``bot.slack``."""
