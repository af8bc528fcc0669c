"""Conversations with people in Slack: what arrives, what is answered, and how it looks and reads.

It has no network of its own, reads no environment and no clock, and runs no SQL. It never posts to a channel: the
outbox worker does. Answering the person who asked is fine.
"""
