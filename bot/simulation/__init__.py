"""Simulate weeks of a team with its bot, in one process and on a clock that is moved."""
