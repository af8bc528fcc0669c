"""The command line: parses what is typed and calls the module of ``bot.commands`` that does it."""
