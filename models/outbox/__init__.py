"""What must be said in Slack, kept as rows until it was said."""
