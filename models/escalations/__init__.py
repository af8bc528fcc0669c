"""Escalations that are kept: commands that change them, queries that read them."""
