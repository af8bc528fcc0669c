"""The conversation: what is heard from Slack, how it looks and how it reads.

It has no network of its own, reads no environment and no clock, and knows no SQL. It never posts to a channel: the
outbox worker does. Answering the person who asked is fine.
"""
