"""Tests of ``models.outbox``."""
