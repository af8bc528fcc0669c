"""Tests of ``handlers.escalations``."""
