"""``manifest``: prints what Slack makes the app of."""

from bot import app_manifest, environment
from bot.commands.output import print_out
from bot.commands.session import CommandError, Session
from bot.config import is_safe
from handlers.i18n.words import N_

EVENTS_PATH = "/slack/events"


def manifest(session: Session, command: str, name: str, url: str) -> None:
    """Print the manifest with a command (that of the settings where it is empty), a name, or for signed HTTP."""
    command = command or environment.read_command(session.env_file)
    name = name.strip() or app_manifest.NAME
    if not environment.is_command(command):
        says = N_("{text} is no slash command: / and up to 31 small letters, figures, - and _.")
        raise CommandError(session.words(says, text=command), code=2)
    if len(name) > app_manifest.LONGEST_NAME or not name.isprintable():
        says = N_("The name of the app has 1 to {most} characters on one line.")
        raise CommandError(session.words(says, most=app_manifest.LONGEST_NAME), code=2)
    if url and not (is_safe(url) and url.startswith("https://")):
        says = N_("{text} is not an https address, such as https://bot.example.cn.")
        raise CommandError(session.words(says, text=url), code=2)
    print_out(app_manifest.write(command, name, url.rstrip("/") + EVENTS_PATH if url else ""))
