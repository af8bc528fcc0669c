"""Other ways to a person than Slack: one file for each channel, all behind :class:`bot.reach.channel.ChannelDriver`."""
