"""Tests of ``handlers.i18n``."""
