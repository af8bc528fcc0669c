"""The Web API methods of the local Slack, one module per family."""
