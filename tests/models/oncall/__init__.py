"""Tests of ``models.oncall``."""
