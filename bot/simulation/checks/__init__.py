"""The judge of a simulated run. It shares no rule with what it judges."""
