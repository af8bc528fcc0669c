"""Reminders: what is due is computed from the store and the rules, minus what was made before."""
