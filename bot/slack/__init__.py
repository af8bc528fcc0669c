"""Talking to Slack: what comes in, what goes out, what its answers mean."""
