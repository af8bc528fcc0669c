"""Tests of ``models.rules.reports``."""
