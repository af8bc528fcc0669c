"""Tests of ``bot.samples``."""
