"""Let all engines of a test process share the statements that SQLAlchemy has compiled.

Nearly every test makes an engine on a database of its own. SQLAlchemy keeps compiled statements for each engine and
dialect object, so each test would compile all of its statements again: up to a third of its time.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(5000)


class _SharedCache:
    """A dialect that equals every other object of its class, which makes the keys of the cache equal."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Give a new engine the cache of this process. SQLAlchemy calls this."""
        engine._compiled_cache = _COMPILED


class SharedSQLite(_SharedCache, SQLiteDialect_pysqlite):
    """SQLite with the shared cache."""

    supports_statement_cache = True


class SharedPostgreSQL(_SharedCache, PGDialect_psycopg):
    """PostgreSQL with the shared cache."""

    supports_statement_cache = True


def install() -> None:
    """Make SQLAlchemy use these dialects for all engines that are made from now on."""
    registry.register("sqlite", __name__, SharedSQLite.__name__)
    registry.register("postgresql.psycopg", __name__, SharedPostgreSQL.__name__)
