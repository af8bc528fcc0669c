"""A team, its bot and a local Slack on a moved clock: a year passes in minutes, from a seed, and is audited."""
