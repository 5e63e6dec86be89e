"""The undertaking and its signatures, consent, data share requests, breaches, training cases (CNF-1, 3, 4, 5, TRN-12)."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breach_incident",
        sa.Column("title_text", sa.String(length=200), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=True),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("severity", sa.String(length=32), nullable=False),
        sa.Column("breaks_law", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("customers_affected", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("dismissal_reason", sa.Text(), nullable=True),
        sa.Column("dismissal_proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissal_proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("authority", sa.String(length=200), nullable=True),
        sa.Column("authority_reference", sa.String(length=200), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["staff.id"], name=op.f("fk_breach_incident_closed_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_breach_incident_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["dismissal_proposed_by_id"], ["staff.id"], name=op.f("fk_breach_incident_dismissal_proposed_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["handed_over_by_id"], ["staff.id"], name=op.f("fk_breach_incident_handed_over_by_id_staff")
        ),
        sa.ForeignKeyConstraint(["handler_id"], ["staff.id"], name=op.f("fk_breach_incident_handler_id_staff")),
        sa.ForeignKeyConstraint(["person_id"], ["staff.id"], name=op.f("fk_breach_incident_person_id_staff")),
        sa.ForeignKeyConstraint(["reporter_id"], ["staff.id"], name=op.f("fk_breach_incident_reporter_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_incident")),
    )
    with op.batch_alter_table("breach_incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breach_incident_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_breach_incident_department_id_reported_at", ["department_id", "reported_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_breach_incident_handler_id"), ["handler_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_breach_incident_person_id"), ["person_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.JSON(), nullable=False),
        sa.Column("necessity", sa.JSON(), nullable=False),
        sa.Column("ground", sa.String(length=32), nullable=False),
        sa.Column("takes_name", sa.Boolean(), nullable=False),
        sa.Column("takes_contact", sa.Boolean(), nullable=False),
        sa.Column("takes_details", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("wording", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff.id"], name=op.f("fk_consent_approved_by_id_staff")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_consent_department_id_department")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["staff.id"], name=op.f("fk_consent_drafted_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_department_id"), ["department_id"], unique=False)

    op.create_table(
        "data_share_request",
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("exports", sa.Integer(), nullable=False),
        sa.Column("last_export_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_data_share_request_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_data_share_request_department_id_department")
        ),
        sa.ForeignKeyConstraint(["requester_id"], ["staff.id"], name=op.f("fk_data_share_request_requester_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_share_request")),
    )
    with op.batch_alter_table("data_share_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_share_request_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_data_share_request_requester_id_state", ["requester_id", "state"], unique=False)

    op.create_table(
        "undertaking",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("main_change", sa.String(length=1000), nullable=True),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_zh", sa.String(length=64), nullable=True),
        sa.Column("digest_en", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_undertaking_department_id_department")
        ),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["staff.id"], name=op.f("fk_undertaking_drafted_by_id_staff")),
        sa.ForeignKeyConstraint(["published_by_id"], ["staff.id"], name=op.f("fk_undertaking_published_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undertaking")),
        sa.UniqueConstraint("department_id", "number", name=op.f("uq_undertaking_department_id_number")),
    )
    with op.batch_alter_table("undertaking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_undertaking_department_id"), ["department_id"], unique=False)

    op.create_table(
        "confidentiality_ack",
        sa.Column("undertaking_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("masks_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_name", sa.String(length=80), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_confidentiality_ack_department_id_department")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_confidentiality_ack_staff_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_confidentiality_ack_team_id_team")),
        sa.ForeignKeyConstraint(
            ["undertaking_id"], ["undertaking.id"], name=op.f("fk_confidentiality_ack_undertaking_id_undertaking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confidentiality_ack")),
        sa.UniqueConstraint("staff_id", "occasion", name=op.f("uq_confidentiality_ack_staff_id_occasion")),
    )
    with op.batch_alter_table("confidentiality_ack", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_confidentiality_ack_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_confidentiality_ack_department_id_due_at", ["department_id", "due_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_confidentiality_ack_staff_id_state", ["staff_id", "state", "masks_from"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_confidentiality_ack_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_confidentiality_ack_undertaking_id"), ["undertaking_id"], unique=False)

    op.create_table(
        "consent_channel",
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_consent_channel_channel_id_channel")),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_consent_channel_consent_id_consent"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("consent_id", "channel_id", name=op.f("pk_consent_channel")),
    )
    op.create_table(
        "training_case",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("service_record_id", sa.Integer(), nullable=True),
        sa.Column("situation", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=True),
        sa.Column("lesson", sa.Text(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_training_case_author_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_training_case_department_id_department")
        ),
        sa.ForeignKeyConstraint(["published_by_id"], ["staff.id"], name=op.f("fk_training_case_published_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["service_record_id"], ["service_record.id"], name=op.f("fk_training_case_service_record_id_service_record")
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_training_case_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_case")),
    )
    with op.batch_alter_table("training_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_case_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_case_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_case_service_record_id"), ["service_record_id"], unique=False)

    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_service_record_consent_id"), ["consent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_service_record_consent_id_consent"), "consent", ["consent_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_service_record_consent_id_consent"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_service_record_consent_id"))
        batch_op.drop_column("consent_id")

    with op.batch_alter_table("training_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_case_service_record_id"))
        batch_op.drop_index(batch_op.f("ix_training_case_department_id"))
        batch_op.drop_index(batch_op.f("ix_training_case_author_id"))

    op.drop_table("training_case")
    op.drop_table("consent_channel")
    with op.batch_alter_table("confidentiality_ack", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_confidentiality_ack_undertaking_id"))
        batch_op.drop_index(batch_op.f("ix_confidentiality_ack_team_id"))
        batch_op.drop_index("ix_confidentiality_ack_staff_id_state")
        batch_op.drop_index("ix_confidentiality_ack_department_id_due_at")
        batch_op.drop_index(batch_op.f("ix_confidentiality_ack_department_id"))

    op.drop_table("confidentiality_ack")
    with op.batch_alter_table("undertaking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_undertaking_department_id"))

    op.drop_table("undertaking")
    with op.batch_alter_table("data_share_request", schema=None) as batch_op:
        batch_op.drop_index("ix_data_share_request_requester_id_state")
        batch_op.drop_index(batch_op.f("ix_data_share_request_department_id"))

    op.drop_table("data_share_request")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_department_id"))

    op.drop_table("consent")
    with op.batch_alter_table("breach_incident", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_breach_incident_person_id"))
        batch_op.drop_index(batch_op.f("ix_breach_incident_handler_id"))
        batch_op.drop_index("ix_breach_incident_department_id_reported_at")
        batch_op.drop_index(batch_op.f("ix_breach_incident_department_id"))

    op.drop_table("breach_incident")
