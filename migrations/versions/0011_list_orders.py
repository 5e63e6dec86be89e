"""Indexes for what lists of findings, inspections and tasks are narrowed to, each in the list's own order."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = (
    (
        "ix_qa_inspection_department_id_state_occurred_at",
        "qa_inspection",
        ["department_id", "state", "occurred_at", "id"],
    ),
    ("ix_qa_finding_department_id_state_occurred_at", "qa_finding", ["department_id", "state", "occurred_at", "id"]),
    ("ix_qa_finding_team_id_occurred_at", "qa_finding", ["team_id", "occurred_at", "id"]),
    ("ix_rectification_task_team_id_due_at", "rectification_task", ["team_id", "due_at", "id"]),
)


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _columns in INDEXES:
        op.drop_index(name, table)
