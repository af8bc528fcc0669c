"""Alembic's entry: runs the migrations on the connection the store hands over, inside the store's transaction."""

from alembic import context
from sqlmodel import SQLModel

import models.store.article_tables
import models.store.customer_tables
import models.store.oncall_tables
import models.store.reach_tables
import models.store.remediation_tables
import models.store.tables  # noqa: F401  # fills SQLModel.metadata, which `alembic check` compares with

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    include_object=lambda _object, name, *_: not str(name).startswith(("escalation_words", "solution_words")),
)
with context.begin_transaction():
    context.run_migrations()
