"""Tests of the rota: time, turns, changes, gaps, and the file."""
