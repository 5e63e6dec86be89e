"""The table of found items. A branch of its own, on top of the product's first revision, which makes the staff."""

import sqlalchemy as sa
from alembic import op

revision = "found_item_0001"
down_revision = None
branch_labels = ("found_item",)
depends_on = "0001"


def upgrade() -> None:
    op.create_table(
        "found_item",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.Column("found_by_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("department_id", sa.Integer(), sa.ForeignKey("department.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("found_item")
