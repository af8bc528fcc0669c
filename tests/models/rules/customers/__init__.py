"""Tests of ``models.rules.customers``."""
