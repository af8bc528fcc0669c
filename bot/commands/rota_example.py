"""``rota example``: prints a rota file to begin with."""

from bot.commands.output import print_out
from models.rules.rota.toml import reader


def example() -> None:
    """Print the example that comes with the program."""
    print_out(reader.example())
