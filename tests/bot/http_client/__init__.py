"""Tests of ``bot.http_client``."""
