"""Samples of every message, form and answer: short stories are played in a local Slack, and what it shows is kept."""
