"""The SQL that sets up two roles of PostgreSQL: one owns the tables and upgrades them, the bot works as the other.

The bot may neither change a table nor drop a trigger, and changes and deletes rows only of the tables named here.
"""

import re
from collections.abc import Iterable

from sqlmodel import SQLModel

from models.store import (  # noqa: F401  # fills the metadata with its tables
    article_tables,
    customer_tables,
    oncall_tables,
    reach_tables,
    remediation_tables,
    tables,
)

MIGRATIONS_TABLE = "alembic_version"
INDEXES = ("escalation_words", "solution_words")
"""The tables of the full-text search. They are in no module, because each database has its own kind."""
DELETED = (
    "agenda", "customer_contact", "customer_record", "draft", "escalation_words", "inbox", "outbox", "pace",
    "page_link", "page_try", "person", "solution_words",
)  # fmt: skip
"""The tables from which the bot deletes rows: what is replaced, what retention ends, and what a person asks to erase.

A row of ``page_try`` goes where a try sent nothing, and with its message."""
UPDATED = (
    "agenda", "article_version", "customer", "draft", "escalation", "escalation_words", "gap", "ledger", "outbox",
    "pace", "page_link", "page_try", "person", "pulse", "record", "rota_change", "rota_offer",
    "statement_sent", "typed_text", "watch",
)  # fmt: skip
"""The tables whose rows the bot changes. In some of them a trigger allows erasing only."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")

_SQL = """\
-- The roles of csp-escalate: {owner} owns the tables and upgrades them, the bot works as {user}.
-- Run this in the bot's database as the administrator of the server, before the first start and after each upgrade:
--     csp-escalate db grants | psql -v ON_ERROR_STOP=1 DATABASE
-- Then give each role a password in psql: \\password {owner}
DO $csp$
DECLARE
    owner_role CONSTANT text := '{owner}';
    bot_role CONSTANT text := '{user}';
    place CONSTANT text := current_schema();
    tables CONSTANT text[] := ARRAY[
{tables}
    ];
    updated CONSTANT text[] := ARRAY[
{updated}
    ];
    deleted CONSTANT text[] := ARRAY[
{deleted}
    ];
    role_name text;
    item record;
BEGIN
    FOREACH role_name IN ARRAY ARRAY[owner_role, bot_role] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role_name);
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role_name);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', place, role_name);
    END LOOP;
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO %I', place, owner_role);
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I', place, bot_role);

    -- An administrator who is no superuser gives things only to roles whose member it is.
    IF NOT pg_has_role(current_user, owner_role, 'USAGE') THEN
        EXECUTE format('GRANT %I TO %I', owner_role, current_user);
    END IF;
    FOR item IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = place::regnamespace AND c.relkind = 'r' AND c.relname = ANY (tables)
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO %I', item.name, owner_role);
        EXECUTE format('REVOKE ALL ON TABLE %s FROM PUBLIC, %I', item.name, bot_role);
    END LOOP;
    FOR item IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = place::regnamespace AND p.proname LIKE 'csp\\_%'
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO %I', item.name, owner_role);
    END LOOP;

    -- The bot reads and adds rows. It changes and deletes them only where it must.
    FOR item IN
        SELECT c.oid::regclass AS name, concat_ws(', ',
            'SELECT',
            CASE WHEN c.relname <> '{migrations}' THEN 'INSERT' END,
            CASE WHEN c.relname = ANY (updated) THEN 'UPDATE' END,
            CASE WHEN c.relname = ANY (deleted) THEN 'DELETE' END
        ) AS rights
        FROM pg_class c
        WHERE c.relnamespace = place::regnamespace AND c.relkind = 'r' AND c.relname = ANY (tables)
    LOOP
        EXECUTE format('GRANT %s ON TABLE %s TO %I', item.rights, item.name, bot_role);
    END LOOP;
    FOR item IN
        SELECT s.oid::regclass AS name FROM pg_class s
        JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
        JOIN pg_class c ON c.oid = d.refobjid
        WHERE s.relkind = 'S' AND c.relnamespace = place::regnamespace AND c.relname = ANY (tables)
    LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', item.name, bot_role);
    END LOOP;

    -- Tables that a later upgrade creates serve the bot at once; run this again to narrow its rights.
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES '
        'TO %I', owner_role, place, bot_role);
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT USAGE ON SEQUENCES TO %I',
        owner_role, place, bot_role);
END
$csp$;
"""


def table_names() -> list[str]:
    """Return every table of the schema, in order."""
    return sorted({MIGRATIONS_TABLE, *INDEXES, *SQLModel.metadata.tables})


def make_grants(owner: str, user: str) -> str:
    """Return the SQL, which may be run again at any time. Raises ValueError for names that are none, or the same."""
    for name in (owner, user):
        if not _NAME.fullmatch(name):
            raise ValueError(name)
    if owner == user:
        raise ValueError(user)
    return _SQL.format(
        owner=owner, user=user, migrations=MIGRATIONS_TABLE,
        tables=_list(table_names()), updated=_list(UPDATED), deleted=_list(DELETED),
    )  # fmt: skip


def _list(names: Iterable[str]) -> str:
    return ",\n".join(f"        '{name}'" for name in names)
