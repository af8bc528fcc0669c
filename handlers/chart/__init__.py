"""Charts of the rota for a phone's screen. What is drawn is a ``Drawing``; only ``painter`` can paint one."""
