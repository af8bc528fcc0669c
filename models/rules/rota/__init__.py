"""The rota: who stands where and when, what changed it, and every minute at which nobody who may does.

Pure: no store, no clock, no Slack. Instants are aware UTC; a plan speaks local wall time with a zone.
"""
