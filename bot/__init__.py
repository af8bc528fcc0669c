"""The running program: the only package that reads environment and clock, opens sockets and starts threads.

It decides nothing: rules live in ``models``, words and Slack's shapes in ``handlers``.
"""
