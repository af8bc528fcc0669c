"""Other ways to a person than Slack: addresses and their limits, when each serves, and how a page ends. Pure."""
