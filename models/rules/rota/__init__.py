"""The rota: who is on call where and when, what changed it, and every minute without the required coverage.

Pure: no store, no clock, no Slack. Instants are aware and in UTC; a rota is written in local wall time with a zone.
"""
