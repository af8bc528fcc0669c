"""What an operator may replace: the facts of 21Vianet's own pages, and the reminder times.

:mod:`models.rules.policy.vendor` holds the facts as values, :mod:`models.rules.policy.reader` reads them from a file.
"""
