"""Tests of ``models.rules.escalations``."""
