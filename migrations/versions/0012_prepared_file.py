"""Large files made beside the pages wait, encrypted, until whoever asked for them takes them away."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prepared_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_file")),
        sa.UniqueConstraint("job_id", name=op.f("uq_prepared_file_job_id")),
    )
    with op.batch_alter_table("prepared_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prepared_file_created_at"), ["created_at"], unique=False)

    op.create_table(
        "prepared_part",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["prepared_file.id"], name=op.f("fk_prepared_part_file_id_prepared_file"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_part")),
        sa.UniqueConstraint("file_id", "number", name=op.f("uq_prepared_part_file_id_number")),
    )


def downgrade() -> None:
    op.drop_table("prepared_part")
    with op.batch_alter_table("prepared_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prepared_file_created_at"))

    op.drop_table("prepared_file")
