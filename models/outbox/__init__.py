"""The outbox: messages to Slack, stored until they are sent."""
