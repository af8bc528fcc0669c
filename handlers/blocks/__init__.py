"""Facts and words in, Block Kit out. Pure: nothing here asks Slack, the store or the clock."""
