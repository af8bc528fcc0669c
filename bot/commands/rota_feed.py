"""``rota feed``: secret addresses under which a calendar can read somebody's shifts, or everybody's."""

from bot.commands.rota_input import BY, find_member, now_of, rota_now
from bot.commands.session import Session
from bot.config import Requirement
from bot.http_server.feed_routes import feed_path
from handlers.i18n.words import N_
from models.oncall import calendar_feeds


def feed(session: Session, member: str | None, revoke: bool) -> None:
    """Print a new secret address of a member's calendar, or of everybody's; or revoke them all."""
    words = session.words
    with session.store() as store:
        now = now_of(session)
        whose = find_member(member, rota_now(store, now, words), words) if member else calendar_feeds.TEAM
        if revoke:
            ended = calendar_feeds.revoke(store, whose, BY, now)
            session.out.print_lines(words(N_("Addresses revoked: {n}"), n=ended))
            return
        path = feed_path(calendar_feeds.open_feed(store, whose, BY, now))
    public = session.config(Requirement.DATABASE).public_url
    session.out.print_lines(f"{public}{path}")
    if not public:
        says = N_(
            "The bot answers there when it runs with --health or --http. "
            "Put its address before it, and set it as CSP_PUBLIC_URL for next time."
        )
        session.err.print_lines(words(says))
