"""Tests of ``models.escalations``."""
