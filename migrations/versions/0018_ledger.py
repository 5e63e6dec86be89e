"""Indexes for the ledger: what is still owed by when, and how many of each state are due in a span of time."""

from alembic import op
from sqlalchemy import text

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATES, UNDONE = "ix_obligation_department_id_state_due_at", "ix_obligation_undone"
STILL_OWED = text("state IN ('open', 'overdue')")


def upgrade() -> None:
    op.create_index(STATES, "obligation", ["department_id", "state", "due_at", "id"])
    op.create_index(
        UNDONE,
        "obligation",
        ["department_id", "due_at", "id"],
        postgresql_where=STILL_OWED,
        sqlite_where=STILL_OWED,
    )


def downgrade() -> None:
    op.drop_index(UNDONE, table_name="obligation")
    op.drop_index(STATES, table_name="obligation")
