"""Whole stories: the real bot as a process, a local Slack around it, people in two languages, and what may go wrong."""
