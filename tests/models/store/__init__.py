"""Tests of ``models.store``."""
