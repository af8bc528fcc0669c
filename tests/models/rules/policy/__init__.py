"""Tests of ``models.rules.policy``."""
