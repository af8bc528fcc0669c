"""Tests of ``handlers.printable``."""
