"""Tests of ``models.restore``."""
