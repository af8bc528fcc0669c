"""Acting without Slack: the small pages of links in messages, and what their one button does."""
