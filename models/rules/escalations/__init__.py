"""What an escalation is, what may happen to it next, and by when somebody must act."""
