"""Tests of ``models.rules.reminders``."""
