"""Renders the messages of the outbox: one file per topic, and the table of all kinds in ``render``."""
