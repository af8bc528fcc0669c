"""The database: engine, transactions, tables, migrations."""
