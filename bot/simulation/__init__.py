"""A team, its bot and a local Slack on a clock that is moved: a year passes in minutes, from a seed, and is audited."""
