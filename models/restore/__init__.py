"""Restore of a backup: a new epoch, and nothing is sent or numbered twice."""
