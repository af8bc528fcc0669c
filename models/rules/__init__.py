"""The rules: pure functions and frozen values. No SQL is run and no clock is read here."""
