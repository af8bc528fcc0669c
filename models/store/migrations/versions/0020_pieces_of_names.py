"""Parts of customers' names and of request numbers are found quickly.

SQLite reads them all in one index. PostgreSQL, which takes longer for that, gets an index of their pieces.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
FILTERED = (
    "team_id", "number", "status", "turn", "severity", "severity_given", "service", "owner", "raised_at",
    "customer_name", "request_number",
)  # fmt: skip
POSTGRESQL = (
    """CREATE FUNCTION csp_pieces(written text, size integer) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
       COST 10000 AS $$
       SELECT array_agg(substr(folded, place, size))
       FROM (SELECT lower(written) AS folded) name, generate_series(1, length(folded) - size + 1) AS place $$""",
    "CREATE INDEX escalation_words_of_customer ON escalation USING gin (csp_pieces(customer_name, 2))",
    "CREATE INDEX escalation_words_of_request ON escalation USING gin (csp_pieces(request_number, 3))",
    "ANALYZE escalation",
)


def upgrade() -> None:
    op.drop_index("escalation_filters", "escalation")
    op.create_index("escalation_filters", "escalation", list(FILTERED))
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away; restore a backup instead")
