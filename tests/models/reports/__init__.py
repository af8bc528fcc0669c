"""Tests of ``models.reports``."""
