"""``rota feed``: secret addresses under which a calendar can read somebody's shifts, or everybody's."""

from typing import Annotated

import typer
from rich.text import Text

from bot.commands.rota_input import BY, member_named, now_of, rota_now
from bot.commands.session import Session
from bot.config import Requirement
from bot.slack.http import feed_path
from handlers.i18n.words import N_
from models.oncall import calendar_feeds


def feed(
    context: typer.Context,
    member: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose shifts; everybody's if left out. / 谁的班次，默认所有人。")
    ] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="End all addresses of it. / 停用其所有地址。")] = False,
) -> None:
    """Make a secret address for calendars to subscribe to. / 生成供日历订阅的私密地址。

    It is told once; whoever has it can read the shifts. / 地址只显示一次；知道地址的人都能查看班次。
    """
    session: Session = context.obj
    words = session.words
    with session.store() as store:
        now = now_of(session)
        whose = member_named(member, rota_now(store, now, words), words) if member else calendar_feeds.TEAM
        if revoke:
            ended = calendar_feeds.revoke(store, whose, BY, now)
            session.out.print(Text(words(N_("Addresses that end now: {n}"), n=ended)), soft_wrap=True)
            return
        path = feed_path(calendar_feeds.open_feed(store, whose, BY, now))
    public = session.config(Requirement.DATABASE).public_url
    session.out.print(Text(f"{public}{path}"), soft_wrap=True)
    if not public:
        says = N_(
            "The bot answers there when it runs with --health or --http. "
            "Put its address before it, and set it as CSP_PUBLIC_URL for next time."
        )
        session.err.print(Text(words(says)), soft_wrap=True)
