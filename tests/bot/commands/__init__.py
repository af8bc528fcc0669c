"""The operator's commands, as typed, on both databases."""
