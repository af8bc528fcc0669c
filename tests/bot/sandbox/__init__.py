"""Tests of the local Slack: is it as strict as the real one?"""
