"""Tests of ``models.rules.rota.ical``."""
