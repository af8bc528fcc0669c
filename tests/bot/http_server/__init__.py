"""Tests of ``bot.http_server``."""
