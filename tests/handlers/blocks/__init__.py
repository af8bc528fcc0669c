"""What the blocks look like, judged by the sandbox as Slack would judge them."""
