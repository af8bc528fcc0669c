"""The databases on which a test of the conversation runs: SQLite, and for a few that stand for the others both."""

import pytest

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ON_BOTH = pytest.mark.parametrize("store", [SQLITE, POSTGRESQL], indirect=True)
"""Marks a test whose statements may differ between the databases."""
