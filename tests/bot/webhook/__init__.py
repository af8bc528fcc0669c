"""Tests of ``bot.webhook`` and its worker."""
