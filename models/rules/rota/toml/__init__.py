"""The rota file: reading it, writing it, and the line of each fault in it."""
