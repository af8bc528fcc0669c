"""Tests of ``models.rules``."""
