"""Pictures for a phone's screen: charts of the rota, and the life of a case.

What is drawn is a ``Drawing``; only ``painter`` can paint one.
"""
