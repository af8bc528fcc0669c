"""A team, its bot and a local Slack on a clock that is moved: a year passes in a minute, from a seed, and is audited."""
