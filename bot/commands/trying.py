"""``sandbox``: a local Slack in the browser with this bot connected to it."""


def sandbox() -> None: ...
