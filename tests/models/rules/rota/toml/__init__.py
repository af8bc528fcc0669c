"""Tests of ``models.rules.rota.toml``."""
