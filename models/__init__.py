"""Facts and rules: what an escalation is, what may happen next, what is due, and the store that keeps it.

It holds more than tables. It never knows Slack's shapes, the wall clock, the environment or a thread.
"""
