"""Other ways to a person than Slack: addresses and their limits, when each serves, and what becomes of a page. Pure."""
