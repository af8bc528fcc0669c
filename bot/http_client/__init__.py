"""HTTP requests of the bot: one exchange per call, no retry, no redirect, over connections that are kept open."""
