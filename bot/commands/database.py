"""``db``: bring the database up to date, copy it while it is in use."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bot.commands.session import Session, Trouble, why
from bot.config import Need
from handlers.words import N_
from models.store import Store

app = typer.Typer(help="The database / 数据库。", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database up to date / 把数据库更新到最新结构。"""
    session: Session = context.obj
    store = Store(session.config(Need.DATABASE).database_url.reveal(), patience=10.0)
    changed = store.upgrade()
    says = N_("The database is now at version {revision}.") if changed else N_("Nothing to do: version {revision}.")
    session.out.print(session.words(says, revision=store.revision()), markup=False)
    store.dispose()


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that is not there yet / 尚不存在的文件。")],
) -> None:
    """Copy the SQLite database while the bot runs, and check the copy / 在机器人运行时备份 SQLite 数据库并校验。"""
    session: Session = context.obj
    words = session.words
    try:
        with session.store() as store, Progress(console=session.err, transient=True) as bar:
            task = bar.add_task(words(N_("Copying")), total=None)
            store.backup(file, lambda left, all_: bar.update(task, total=all_, completed=all_ - left))
    except FileExistsError:
        raise Trouble(words(N_("{file} is there already; nothing was written."), file=file), code=2) from None
    except ValueError:
        raise Trouble(words(N_("This is for SQLite. Use pg_dump for PostgreSQL.")), code=2) from None
    except OSError as error:
        raise Trouble(words(N_("{file} can't be written: {why}"), file=file, why=why(error, words))) from None
    session.out.print(words(N_("Copied to {file} and checked."), file=file), markup=False, soft_wrap=True)
