"""Customers that were imported before are found by pinyin too."""

import re
from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
CUSTOMER = sa.table(
    "customer", sa.column("id", sa.String), sa.column("name", sa.String), sa.column("folded", sa.String)
)


def upgrade() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(CUSTOMER.c.id, CUSTOMER.c.name, CUSTOMER.c.folded)).all()
    names = [(row.id, row.folded, CHINESE.findall(row.name)) for row in rows if CHINESE.search(row.name)]
    if not names:
        return
    # Imported only here: its dictionary takes time and memory, and every start reads this file.
    lazy_pinyin = import_module("pypinyin").lazy_pinyin
    found = []
    for customer, folded, runs in names:
        syllables = [syllable for run in runs for syllable in lazy_pinyin(run, errors="ignore")]
        initials = "".join(syllable[0] for syllable in syllables)
        found.append({"customer": customer, "text": f"{folded} {''.join(syllables)} {initials}".strip()})
    change = sa.update(CUSTOMER).where(CUSTOMER.c.id == sa.bindparam("customer"))
    connection.execute(change.values(folded=sa.bindparam("text")), found)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
