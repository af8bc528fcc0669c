"""The conversation through a real Bolt app and a real store; only Slack itself is played."""
