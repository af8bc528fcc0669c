"""The SQL ground: engine, transactions, tables, migrations."""
