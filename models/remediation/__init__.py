"""Remediation records that are kept: append-only entries, and the questions asked of them."""
