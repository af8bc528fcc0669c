"""``rota example``: prints a rota file to begin with."""

from bot.commands.output import print_out
from bot.operator_language import operator_words
from models.rules.rota.toml import reader


def example() -> None:
    """Print the example that comes with the program, in the operator's language."""
    print_out(reader.example("zh_CN" if operator_words().is_chinese else ""))
