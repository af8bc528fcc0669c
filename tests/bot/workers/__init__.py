"""Tests of ``bot.workers``."""
