"""The tables of the foundation: people, rulebook, obligations, service records, quality inspection, rectification."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("door", sa.String(length=24), nullable=False),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("record_title", sa.String(length=200), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index("ix_audit_entry_department_id_at", ["department_id", "at"], unique=False)
        batch_op.create_index("ix_audit_entry_entity_record_id", ["entity", "record_id", "id"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("swept", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "login_try",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_try")),
    )
    with op.batch_alter_table("login_try", schema=None) as batch_op:
        batch_op.create_index("ix_login_try_address_at", ["address", "at"], unique=False)
        batch_op.create_index("ix_login_try_login_at", ["login", "at"], unique=False)

    op.create_table(
        "refusal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("door", sa.String(length=24), nullable=False),
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("clause", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=96), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
    )
    with op.batch_alter_table("refusal", schema=None) as batch_op:
        batch_op.create_index("ix_refusal_department_id_clause_at", ["department_id", "clause", "at"], unique=False)

    op.create_table(
        "rule_tally",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=96), nullable=False),
        sa.Column("clause", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_tally")),
        sa.UniqueConstraint("department_id", "rule", "day", name=op.f("uq_rule_tally_department_id_rule_day")),
    )
    with op.batch_alter_table("rule_tally", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_tally_clause"), ["clause"], unique=False)

    op.create_table(
        "adoption",
        sa.Column("pack", sa.String(length=16), nullable=False),
        sa.Column("pack_version", sa.String(length=24), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_adoption_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
        sa.UniqueConstraint("department_id", "pack", name=op.f("uq_adoption_department_id_pack")),
    )
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adoption_department_id"), ["department_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_attachment_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("stored", name=op.f("uq_attachment_stored")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_attachment_entity_record_id", ["entity", "record_id"], unique=False)

    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_calendar_day_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("department_id", "day", name=op.f("uq_calendar_day_department_id_day")),
    )
    with op.batch_alter_table("calendar_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_day_department_id"), ["department_id"], unique=False)

    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_calendar_year_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_year")),
        sa.UniqueConstraint("department_id", "year", name=op.f("uq_calendar_year_department_id_year")),
    )
    with op.batch_alter_table("calendar_year", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_year_department_id"), ["department_id"], unique=False)

    op.create_table(
        "channel",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_channel_department_id_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("department_id", "code", name=op.f("uq_channel_department_id_code")),
    )
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channel_department_id"), ["department_id"], unique=False)

    op.create_table(
        "import_job",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("stored_name", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sheet", sa.String(length=120), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_taken", sa.Integer(), nullable=False),
        sa.Column("rows_same", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("next_row", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_import_job_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_job_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_import_job_department_id_created_at", ["department_id", "created_at"], unique=False)

    op.create_table(
        "import_mapping",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_import_mapping_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint(
            "department_id", "entity", "fingerprint", name=op.f("uq_import_mapping_department_id_entity_fingerprint")
        ),
    )
    with op.batch_alter_table("import_mapping", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_mapping_department_id"), ["department_id"], unique=False)

    op.create_table(
        "parameter_value",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("clause", sa.String(length=16), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("pack", sa.String(length=16), nullable=True),
        sa.Column("pack_version", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_parameter_value_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_value")),
    )
    with op.batch_alter_table("parameter_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parameter_value_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_parameter_value_in_force", ["department_id", "name", "valid_from"], unique=False)

    op.create_table(
        "scorecard",
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("base_score", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("floor", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("bands", sa.JSON(), nullable=False),
        sa.Column("pack", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_scorecard_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard")),
        sa.UniqueConstraint("department_id", "edition", name=op.f("uq_scorecard_department_id_edition")),
    )
    with op.batch_alter_table("scorecard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scorecard_department_id"), ["department_id"], unique=False)

    op.create_table(
        "team",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("tier", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_team_department_id_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("department_id", "name", name=op.f("uq_team_department_id_name")),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_department_id"), ["department_id"], unique=False)

    op.create_table(
        "topic",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_topic_department_id_department")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("department_id", "code", name=op.f("uq_topic_department_id_code")),
    )
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_department_id"), ["department_id"], unique=False)

    op.create_table(
        "group_webhook",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_group_webhook_department_id_department")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_group_webhook_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_webhook")),
    )
    with op.batch_alter_table("group_webhook", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_webhook_department_id"), ["department_id"], unique=False)

    op.create_table(
        "import_lease",
        sa.Column("job_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_import_lease_job_id_import_job"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_import_lease")),
    )
    op.create_table(
        "import_refusal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("dry", sa.Boolean(), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_import_refusal_job_id_import_job"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_refusal")),
        sa.UniqueConstraint("job_id", "row_number", "dry", name=op.f("uq_import_refusal_job_id_row_number_dry")),
    )
    op.create_table(
        "qa_plan",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("records_from", sa.Date(), nullable=False),
        sa.Column("records_until", sa.Date(), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("per_agent", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_qa_plan_department_id_department")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_qa_plan_scorecard_id_scorecard")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_plan")),
        sa.UniqueConstraint("department_id", "month", name=op.f("uq_qa_plan_department_id_month")),
    )
    with op.batch_alter_table("qa_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_plan_department_id"), ["department_id"], unique=False)

    op.create_table(
        "scorecard_item",
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("category_name", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_scorecard_item_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecard.id"], name=op.f("fk_scorecard_item_scorecard_id_scorecard")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard_item")),
        sa.UniqueConstraint("scorecard_id", "code", name=op.f("uq_scorecard_item_scorecard_id_code")),
    )
    with op.batch_alter_table("scorecard_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scorecard_item_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scorecard_item_scorecard_id"), ["scorecard_id"], unique=False)

    op.create_table(
        "staff",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("post", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("superior_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("hire_date", sa.Date(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_staff_department_id_department")),
        sa.ForeignKeyConstraint(["superior_id"], ["staff.id"], name=op.f("fk_staff_superior_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_staff_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("department_id", "number", name=op.f("uq_staff_department_id_number")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_staff_department_id_team_id_number", ["department_id", "team_id", "number"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_staff_superior_id"), ["superior_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_team_id"), ["team_id"], unique=False)

    op.create_table(
        "team_channel",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_team_channel_channel_id_channel")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_channel_team_id_team"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "channel_id", name=op.f("pk_team_channel")),
    )
    op.create_table(
        "account",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("theme", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.LargeBinary(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("recovery_codes", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_account_department_id_department")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_account_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_account_staff_id")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_department_id"), ["department_id"], unique=False)

    op.create_table(
        "notice_preference",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("by_email", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("digest_at", sa.String(length=5), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_notice_preference_department_id_department")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_preference_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_preference")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_notice_preference_staff_id")),
    )
    with op.batch_alter_table("notice_preference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_preference_department_id"), ["department_id"], unique=False)

    op.create_table(
        "notification",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("obligation_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_notification_department_id_department")
        ),
        sa.ForeignKeyConstraint(["recipient_id"], ["staff.id"], name=op.f("fk_notification_recipient_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("recipient_id", "key", name=op.f("uq_notification_recipient_id_key")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_obligation_id"), ["obligation_id"], unique=False)
        batch_op.create_index(
            "ix_notification_recipient_id_read_at_created_at", ["recipient_id", "read_at", "created_at"], unique=False
        )

    op.create_table(
        "obligation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("clause", sa.String(length=16), nullable=False),
        sa.Column("occurrence", sa.String(length=80), nullable=False),
        sa.Column("subject_type", sa.String(length=64), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_title", sa.String(length=200), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_post", sa.String(length=32), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at_next", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.String(length=200), nullable=True),
        sa.Column("waived_reason", sa.Text(), nullable=True),
        sa.Column("waived_by_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_obligation_department_id_department")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_obligation_owner_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
        sa.UniqueConstraint(
            "department_id", "kind", "occurrence", name=op.f("uq_obligation_department_id_kind_occurrence")
        ),
    )
    with op.batch_alter_table("obligation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_obligation_department_id_clause_due_at", ["department_id", "clause", "due_at"], unique=False
        )
        batch_op.create_index(
            "ix_obligation_lapsing",
            ["looked_at_next"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_obligation_owner_id_state_due_at", ["owner_id", "state", "due_at"], unique=False)
        batch_op.create_index("ix_obligation_subject_type_subject_id", ["subject_type", "subject_id"], unique=False)

    op.create_table(
        "on_call",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_on_call_department_id_department")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_on_call_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call")),
    )
    with op.batch_alter_table("on_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_on_call_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_on_call_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_on_call_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "policy_document",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("edition", sa.String(length=24), nullable=False),
        sa.Column("main_change", sa.String(length=1000), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["staff.id"], name=op.f("fk_policy_document_changed_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_policy_document_department_id_department")
        ),
        sa.ForeignKeyConstraint(["reviewed_by_id"], ["staff.id"], name=op.f("fk_policy_document_reviewed_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_document")),
        sa.UniqueConstraint(
            "department_id", "code", "edition", name=op.f("uq_policy_document_department_id_code_edition")
        ),
    )
    with op.batch_alter_table("policy_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_document_department_id"), ["department_id"], unique=False)

    op.create_table(
        "qa_draw",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("per_agent", sa.Integer(), nullable=False),
        sa.Column("records_from", sa.Date(), nullable=False),
        sa.Column("records_until", sa.Date(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_hash", sa.String(length=64), nullable=False),
        sa.Column("sample_hash", sa.String(length=64), nullable=False),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_qa_draw_department_id_department")),
        sa.ForeignKeyConstraint(["plan_id"], ["qa_plan.id"], name=op.f("fk_qa_draw_plan_id_qa_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_draw")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_qa_draw_plan_id_number")),
    )
    with op.batch_alter_table("qa_draw", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_draw_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_draw_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "qa_report",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("causes", sa.Text(), nullable=True),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff.id"], name=op.f("fk_qa_report_approved_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_qa_report_department_id_department")
        ),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["staff.id"], name=op.f("fk_qa_report_submitted_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_report")),
        sa.UniqueConstraint("department_id", "month", name=op.f("uq_qa_report_department_id_month")),
    )
    with op.batch_alter_table("qa_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_report_department_id"), ["department_id"], unique=False)

    op.create_table(
        "saved_filter",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_saved_filter_department_id_department")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_filter_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("staff_id", "entity", "name", name=op.f("uq_saved_filter_staff_id_entity_name")),
    )
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_filter_department_id"), ["department_id"], unique=False)

    op.create_table(
        "service_record",
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("customer_name", sa.LargeBinary(), nullable=True),
        sa.Column("customer_contact", sa.LargeBinary(), nullable=True),
        sa.Column("customer_contact_index", sa.String(length=64), nullable=True),
        sa.Column("customer_details", sa.LargeBinary(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("answer_seconds", sa.Integer(), nullable=True),
        sa.Column("talk_seconds", sa.Integer(), nullable=True),
        sa.Column("handling", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("import_job_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_service_record_agent_id_staff")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_service_record_channel_id_channel")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_service_record_department_id_department")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_service_record_team_id_team")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_service_record_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_record")),
        sa.UniqueConstraint("department_id", "number", name=op.f("uq_service_record_department_id_number")),
    )
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.create_index("ix_service_record_agent_id_occurred_at", ["agent_id", "occurred_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_record_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_service_record_department_id_customer_contact_index",
            ["department_id", "customer_contact_index"],
            unique=False,
        )
        batch_op.create_index(
            "ix_service_record_department_id_occurred_at", ["department_id", "occurred_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_service_record_import_job_id"), ["import_job_id"], unique=False)
        batch_op.create_index("ix_service_record_team_id_occurred_at", ["team_id", "occurred_at", "id"], unique=False)
        batch_op.create_index("ix_service_record_topic_id_occurred_at", ["topic_id", "occurred_at"], unique=False)

    op.create_table(
        "calibration",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("service_record_id", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_calibration_department_id_department")
        ),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_calibration_scorecard_id_scorecard")),
        sa.ForeignKeyConstraint(
            ["service_record_id"], ["service_record.id"], name=op.f("fk_calibration_service_record_id_service_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    with op.batch_alter_table("calibration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calibration_department_id"), ["department_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notification_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("parcel", sa.String(length=200), nullable=True),
        sa.Column("in_digest", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_delivery_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_delivery_notification_id_notification")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_due",
            ["channel", "not_before"],
            unique=False,
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(batch_op.f("ix_delivery_notification_id"), ["notification_id"], unique=False)

    op.create_table(
        "one_time_secret",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_secret_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_secret")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_secret_digest")),
    )
    with op.batch_alter_table("one_time_secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_secret_account_id"), ["account_id"], unique=False)

    op.create_table(
        "qa_batch",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("to_hand_in", sa.Integer(), nullable=False),
        sa.Column("to_review", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_qa_batch_department_id_department")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["qa_draw.id"], name=op.f("fk_qa_batch_draw_id_qa_draw")),
        sa.ForeignKeyConstraint(["inspector_id"], ["staff.id"], name=op.f("fk_qa_batch_inspector_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_batch")),
        sa.UniqueConstraint("draw_id", "inspector_id", "week", name=op.f("uq_qa_batch_draw_id_inspector_id_week")),
    )
    with op.batch_alter_table("qa_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_batch_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_batch_inspector_id"), ["inspector_id"], unique=False)

    op.create_table(
        "qa_report_edition",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_qa_report_edition_department_id_department")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["qa_report.id"], name=op.f("fk_qa_report_edition_report_id_qa_report")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_report_edition")),
        sa.UniqueConstraint("report_id", "edition", name=op.f("uq_qa_report_edition_report_id_edition")),
    )
    with op.batch_alter_table("qa_report_edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_report_edition_department_id"), ["department_id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("obligation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("offset", sa.String(length=16), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fire_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["obligation_id"], ["obligation.id"], name=op.f("fk_reminder_obligation_id_obligation"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("obligation_id", "step", "round", name=op.f("uq_reminder_obligation_id_step_round")),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reminder_due",
            ["fire_at"],
            unique=False,
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "used_code",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_used_code_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "step", name=op.f("pk_used_code")),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("proof", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network", sa.String(length=48), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("credential", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_web_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index("ix_web_session_account_id_ended_at", ["account_id", "ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_web_session_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "calibration_score",
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("score", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calibration_id"], ["calibration.id"], name=op.f("fk_calibration_score_calibration_id_calibration")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_calibration_score_department_id_department")
        ),
        sa.ForeignKeyConstraint(["inspector_id"], ["staff.id"], name=op.f("fk_calibration_score_inspector_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_score")),
        sa.UniqueConstraint(
            "calibration_id", "inspector_id", name=op.f("uq_calibration_score_calibration_id_inspector_id")
        ),
    )
    with op.batch_alter_table("calibration_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calibration_score_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_calibration_score_inspector_id"), ["inspector_id"], unique=False)

    op.create_table(
        "qa_inspection",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("service_record_id", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("score", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_qa_inspection_agent_id_staff")),
        sa.ForeignKeyConstraint(["batch_id"], ["qa_batch.id"], name=op.f("fk_qa_inspection_batch_id_qa_batch")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_qa_inspection_department_id_department")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["qa_draw.id"], name=op.f("fk_qa_inspection_draw_id_qa_draw")),
        sa.ForeignKeyConstraint(["inspector_id"], ["staff.id"], name=op.f("fk_qa_inspection_inspector_id_staff")),
        sa.ForeignKeyConstraint(["reviewed_by_id"], ["staff.id"], name=op.f("fk_qa_inspection_reviewed_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecard.id"], name=op.f("fk_qa_inspection_scorecard_id_scorecard")
        ),
        sa.ForeignKeyConstraint(
            ["service_record_id"], ["service_record.id"], name=op.f("fk_qa_inspection_service_record_id_service_record")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_qa_inspection_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_inspection")),
        sa.UniqueConstraint("draw_id", "service_record_id", name=op.f("uq_qa_inspection_draw_id_service_record_id")),
    )
    with op.batch_alter_table("qa_inspection", schema=None) as batch_op:
        batch_op.create_index("ix_qa_inspection_agent_id_occurred_at", ["agent_id", "occurred_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_inspection_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_inspection_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_qa_inspection_department_id_scored_at", ["department_id", "occurred_at", "id"], unique=False
        )
        batch_op.create_index("ix_qa_inspection_inspector_id_state", ["inspector_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_inspection_service_record_id"), ["service_record_id"], unique=False)
        batch_op.create_index("ix_qa_inspection_team_id_occurred_at", ["team_id", "occurred_at", "id"], unique=False)

    op.create_table(
        "qa_appeal",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("revised", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score_before", sa.String(length=12), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_qa_appeal_agent_id_staff")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["staff.id"], name=op.f("fk_qa_appeal_answered_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_qa_appeal_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["qa_inspection.id"], name=op.f("fk_qa_appeal_inspection_id_qa_inspection")
        ),
        sa.ForeignKeyConstraint(["inspector_id"], ["staff.id"], name=op.f("fk_qa_appeal_inspector_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_qa_appeal_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_appeal")),
    )
    with op.batch_alter_table("qa_appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_appeal_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_appeal_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_appeal_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "qa_finding",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("severity", sa.String(length=32), nullable=False),
        sa.Column("deduction", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("problem", sa.String(length=1000), nullable=False),
        sa.Column("cause", sa.String(length=400), nullable=True),
        sa.Column("recurring", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_qa_finding_agent_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_qa_finding_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["qa_inspection.id"], name=op.f("fk_qa_finding_inspection_id_qa_inspection")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["scorecard_item.id"], name=op.f("fk_qa_finding_item_id_scorecard_item")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_qa_finding_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_finding")),
    )
    with op.batch_alter_table("qa_finding", schema=None) as batch_op:
        batch_op.create_index("ix_qa_finding_agent_id_item_id", ["agent_id", "item_id", "occurred_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_finding_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_qa_finding_department_id_occurred_at", ["department_id", "occurred_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_qa_finding_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "qa_score",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("score", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_qa_score_agent_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_qa_score_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["qa_inspection.id"], name=op.f("fk_qa_score_inspection_id_qa_inspection")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_qa_score_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_score")),
        sa.UniqueConstraint("inspection_id", "edition", name=op.f("uq_qa_score_inspection_id_edition")),
    )
    with op.batch_alter_table("qa_score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_score_department_id"), ["department_id"], unique=False)

    op.create_table(
        "qa_talk",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_qa_talk_agent_id_staff")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_qa_talk_department_id_department")),
        sa.ForeignKeyConstraint(["finding_id"], ["qa_finding.id"], name=op.f("fk_qa_talk_finding_id_qa_finding")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_qa_talk_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qa_talk")),
    )
    with op.batch_alter_table("qa_talk", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qa_talk_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_talk_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_qa_talk_finding_id"), ["finding_id"], unique=False)

    op.create_table(
        "rectification_task",
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=32), nullable=False),
        sa.Column("problem", sa.String(length=1000), nullable=False),
        sa.Column("recurring", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_rectification_task_agent_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_rectification_task_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["qa_finding.id"], name=op.f("fk_rectification_task_finding_id_qa_finding")
        ),
        sa.ForeignKeyConstraint(["inspector_id"], ["staff.id"], name=op.f("fk_rectification_task_inspector_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_rectification_task_team_id_team")),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["staff.id"], name=op.f("fk_rectification_task_verified_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification_task")),
        sa.UniqueConstraint("finding_id", name=op.f("uq_rectification_task_finding_id")),
    )
    with op.batch_alter_table("rectification_task", schema=None) as batch_op:
        batch_op.create_index("ix_rectification_task_agent_id_state", ["agent_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_rectification_task_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_rectification_task_department_id_due_at", ["department_id", "due_at", "id"], unique=False
        )

    op.create_table(
        "management_measure",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_management_measure_agent_id_staff")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_management_measure_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_management_measure_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["rectification_task.id"], name=op.f("fk_management_measure_task_id_rectification_task")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_management_measure_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_management_measure")),
        sa.UniqueConstraint("task_id", name=op.f("uq_management_measure_task_id")),
    )
    with op.batch_alter_table("management_measure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_management_measure_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_management_measure_department_id"), ["department_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("management_measure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_management_measure_department_id"))
        batch_op.drop_index(batch_op.f("ix_management_measure_agent_id"))

    op.drop_table("management_measure")
    with op.batch_alter_table("rectification_task", schema=None) as batch_op:
        batch_op.drop_index("ix_rectification_task_department_id_due_at")
        batch_op.drop_index(batch_op.f("ix_rectification_task_department_id"))
        batch_op.drop_index("ix_rectification_task_agent_id_state")

    op.drop_table("rectification_task")
    with op.batch_alter_table("qa_talk", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_talk_finding_id"))
        batch_op.drop_index(batch_op.f("ix_qa_talk_department_id"))
        batch_op.drop_index(batch_op.f("ix_qa_talk_agent_id"))

    op.drop_table("qa_talk")
    with op.batch_alter_table("qa_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_score_department_id"))

    op.drop_table("qa_score")
    with op.batch_alter_table("qa_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_finding_inspection_id"))
        batch_op.drop_index("ix_qa_finding_department_id_occurred_at")
        batch_op.drop_index(batch_op.f("ix_qa_finding_department_id"))
        batch_op.drop_index("ix_qa_finding_agent_id_item_id")

    op.drop_table("qa_finding")
    with op.batch_alter_table("qa_appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_appeal_inspection_id"))
        batch_op.drop_index(batch_op.f("ix_qa_appeal_department_id"))
        batch_op.drop_index(batch_op.f("ix_qa_appeal_agent_id"))

    op.drop_table("qa_appeal")
    with op.batch_alter_table("qa_inspection", schema=None) as batch_op:
        batch_op.drop_index("ix_qa_inspection_team_id_occurred_at")
        batch_op.drop_index(batch_op.f("ix_qa_inspection_service_record_id"))
        batch_op.drop_index("ix_qa_inspection_inspector_id_state")
        batch_op.drop_index("ix_qa_inspection_department_id_scored_at")
        batch_op.drop_index(batch_op.f("ix_qa_inspection_department_id"))
        batch_op.drop_index(batch_op.f("ix_qa_inspection_batch_id"))
        batch_op.drop_index("ix_qa_inspection_agent_id_occurred_at")

    op.drop_table("qa_inspection")
    with op.batch_alter_table("calibration_score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calibration_score_inspector_id"))
        batch_op.drop_index(batch_op.f("ix_calibration_score_department_id"))

    op.drop_table("calibration_score")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_session_seen_at"))
        batch_op.drop_index("ix_web_session_account_id_ended_at")

    op.drop_table("web_session")
    op.drop_table("used_code")
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_reminder_due", postgresql_where=sa.text("state = 'pending'"), sqlite_where=sa.text("state = 'pending'")
        )

    op.drop_table("reminder")
    with op.batch_alter_table("qa_report_edition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_report_edition_department_id"))

    op.drop_table("qa_report_edition")
    with op.batch_alter_table("qa_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_batch_inspector_id"))
        batch_op.drop_index(batch_op.f("ix_qa_batch_department_id"))

    op.drop_table("qa_batch")
    with op.batch_alter_table("one_time_secret", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_secret_account_id"))

    op.drop_table("one_time_secret")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_notification_id"))
        batch_op.drop_index(
            "ix_delivery_due", postgresql_where=sa.text("state = 'pending'"), sqlite_where=sa.text("state = 'pending'")
        )

    op.drop_table("delivery")
    with op.batch_alter_table("calibration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calibration_department_id"))

    op.drop_table("calibration")
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.drop_index("ix_service_record_topic_id_occurred_at")
        batch_op.drop_index("ix_service_record_team_id_occurred_at")
        batch_op.drop_index(batch_op.f("ix_service_record_import_job_id"))
        batch_op.drop_index("ix_service_record_department_id_occurred_at")
        batch_op.drop_index("ix_service_record_department_id_customer_contact_index")
        batch_op.drop_index(batch_op.f("ix_service_record_department_id"))
        batch_op.drop_index("ix_service_record_agent_id_occurred_at")

    op.drop_table("service_record")
    with op.batch_alter_table("saved_filter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_filter_department_id"))

    op.drop_table("saved_filter")
    with op.batch_alter_table("qa_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_report_department_id"))

    op.drop_table("qa_report")
    with op.batch_alter_table("qa_draw", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_draw_plan_id"))
        batch_op.drop_index(batch_op.f("ix_qa_draw_department_id"))

    op.drop_table("qa_draw")
    with op.batch_alter_table("policy_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_document_department_id"))

    op.drop_table("policy_document")
    with op.batch_alter_table("on_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_on_call_starts_at"))
        batch_op.drop_index(batch_op.f("ix_on_call_staff_id"))
        batch_op.drop_index(batch_op.f("ix_on_call_department_id"))

    op.drop_table("on_call")
    with op.batch_alter_table("obligation", schema=None) as batch_op:
        batch_op.drop_index("ix_obligation_subject_type_subject_id")
        batch_op.drop_index("ix_obligation_owner_id_state_due_at")
        batch_op.drop_index(
            "ix_obligation_lapsing", postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'")
        )
        batch_op.drop_index("ix_obligation_department_id_clause_due_at")

    op.drop_table("obligation")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index("ix_notification_recipient_id_read_at_created_at")
        batch_op.drop_index(batch_op.f("ix_notification_obligation_id"))

    op.drop_table("notification")
    with op.batch_alter_table("notice_preference", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_preference_department_id"))

    op.drop_table("notice_preference")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_department_id"))

    op.drop_table("account")
    op.drop_table("team_channel")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_team_id"))
        batch_op.drop_index(batch_op.f("ix_staff_superior_id"))
        batch_op.drop_index("ix_staff_department_id_team_id_number")
        batch_op.drop_index(batch_op.f("ix_staff_department_id"))

    op.drop_table("staff")
    with op.batch_alter_table("scorecard_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scorecard_item_scorecard_id"))
        batch_op.drop_index(batch_op.f("ix_scorecard_item_department_id"))

    op.drop_table("scorecard_item")
    with op.batch_alter_table("qa_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qa_plan_department_id"))

    op.drop_table("qa_plan")
    op.drop_table("import_refusal")
    op.drop_table("import_lease")
    with op.batch_alter_table("group_webhook", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_webhook_department_id"))

    op.drop_table("group_webhook")
    with op.batch_alter_table("topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_department_id"))

    op.drop_table("topic")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_department_id"))

    op.drop_table("team")
    with op.batch_alter_table("scorecard", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scorecard_department_id"))

    op.drop_table("scorecard")
    with op.batch_alter_table("parameter_value", schema=None) as batch_op:
        batch_op.drop_index("ix_parameter_value_in_force")
        batch_op.drop_index(batch_op.f("ix_parameter_value_department_id"))

    op.drop_table("parameter_value")
    with op.batch_alter_table("import_mapping", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_mapping_department_id"))

    op.drop_table("import_mapping")
    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.drop_index("ix_import_job_department_id_created_at")
        batch_op.drop_index(batch_op.f("ix_import_job_department_id"))

    op.drop_table("import_job")
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_channel_department_id"))

    op.drop_table("channel")
    with op.batch_alter_table("calendar_year", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_year_department_id"))

    op.drop_table("calendar_year")
    with op.batch_alter_table("calendar_day", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_day_department_id"))

    op.drop_table("calendar_day")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index("ix_attachment_entity_record_id")
        batch_op.drop_index(batch_op.f("ix_attachment_department_id"))

    op.drop_table("attachment")
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adoption_department_id"))

    op.drop_table("adoption")
    with op.batch_alter_table("rule_tally", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_tally_clause"))

    op.drop_table("rule_tally")
    with op.batch_alter_table("refusal", schema=None) as batch_op:
        batch_op.drop_index("ix_refusal_department_id_clause_at")

    op.drop_table("refusal")
    with op.batch_alter_table("login_try", schema=None) as batch_op:
        batch_op.drop_index("ix_login_try_login_at")
        batch_op.drop_index("ix_login_try_address_at")

    op.drop_table("login_try")
    op.drop_table("heartbeat")
    op.drop_table("department")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_entity_record_id")
        batch_op.drop_index("ix_audit_entry_department_id_at")
        batch_op.drop_index(batch_op.f("ix_audit_entry_actor_id"))

    op.drop_table("audit_entry")
