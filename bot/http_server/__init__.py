"""The HTTP server of the bot: health, metrics, calendars, duty sheets, and the pages of links in messages."""
