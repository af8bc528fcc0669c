"""``csp-escalate outbox …``: which messages have not reached Slack, and what becomes of them."""

from typing import Annotated

import typer

from bot.cli import on_demand, typed_choice
from bot.cli.options import Form, session_of
from bot.commands.output import ShowFormat
from handlers.i18n.message_kinds import MESSAGE_STATUSES
from models.rules.outbox.delivery import MessageStatus

app = typer.Typer(help="Messages that have not reached Slack.", no_args_is_help=True, rich_markup_mode=None)
Number = Annotated[int, typer.Argument(metavar="N", min=1, help="The number in the list.")]
Numbers = Annotated[list[int], typer.Argument(metavar="N", min=1, help="Numbers in the list.")]

By = Annotated[str, typer.Option(metavar="NAME", help="Who decides; your account if left out.")]

States = Annotated[
    list[MessageStatus] | None,
    typer.Option(
        "--state", metavar="STATE", parser=typed_choice.make_parser(MessageStatus, MESSAGE_STATUSES),
        help="Only these, may be repeated: set-aside, unknown, sending, waiting, discarded, sent, superseded.",
    ),
]  # fmt: skip


@app.command("list")
def list_(
    context: typer.Context,
    state: States = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="At most so many.")] = 50,
    form: Form = ShowFormat.TEXT,
) -> None:
    """List the messages that are not in Slack yet, or were set aside."""
    on_demand.outbox.list_(session_of(context), state or [], limit, form)


@app.command()
def show(context: typer.Context, number: Number, form: Form = ShowFormat.TEXT) -> None:
    """Show one message, what Slack answered, and what to do."""
    on_demand.outbox.show(session_of(context), number, form)


@app.command()
def retry(context: typer.Context, numbers: Numbers, by: By = "") -> None:
    """Send messages again, never twice; also discarded ones, and their cases say so.

    Exit codes: 0 all done, 1 some refused and the others done, 2 all refused.
    """
    on_demand.outbox.retry(session_of(context), numbers, by)


@app.command()
def discard(
    context: typer.Context,
    numbers: Numbers,
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, kept with the message.")],
    by: By = "",
) -> None:
    """Never send messages; their rows are kept, and their cases say so.

    Exit codes: 0 all done, 1 some refused and the others done, 2 all refused.
    """
    on_demand.outbox.discard(session_of(context), numbers, why, by)
