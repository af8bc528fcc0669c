"""Tests of ``handlers.notifications``."""
