"""Whoever imports keeps mappings of their own: two people may bring files with the same columns."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SHARED = "uq_import_mapping_department_id_entity_fingerprint"
OWN = "uq_import_mapping_department_id_entity_fingerprint_created_by_id"


def upgrade() -> None:
    with op.batch_alter_table("import_mapping") as table:
        table.drop_constraint(op.f(SHARED), type_="unique")
        table.create_unique_constraint(op.f(OWN), ["department_id", "entity", "fingerprint", "created_by_id"])


def downgrade() -> None:
    # Of several people's mappings for the same columns the latest stays.
    op.execute(
        "DELETE FROM import_mapping WHERE id NOT IN "
        "(SELECT max(id) FROM import_mapping GROUP BY department_id, entity, fingerprint)"
    )
    with op.batch_alter_table("import_mapping") as table:
        table.drop_constraint(op.f(OWN), type_="unique")
        table.create_unique_constraint(op.f(SHARED), ["department_id", "entity", "fingerprint"])
