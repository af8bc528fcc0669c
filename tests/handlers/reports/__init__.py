"""Tests of ``handlers.reports``."""
