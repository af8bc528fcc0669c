"""Calendars (RFC 5545) that become shifts, and calendars written from shifts."""
