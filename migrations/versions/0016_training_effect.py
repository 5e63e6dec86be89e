"""The year's training plan, questionnaires and evaluation, notes, learning resources, certificates (TRN-1, 7 to 11)."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposal_check",
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_proposal_check_department_id_department")
        ),
        sa.PrimaryKeyConstraint("department_id", "day", name=op.f("pk_proposal_check")),
    )
    op.create_table(
        "learning_resource",
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("link", sa.String(length=500), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_learning_resource_course_id_course")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_learning_resource_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_resource")),
    )
    with op.batch_alter_table("learning_resource", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_learning_resource_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_learning_resource_department_id"), ["department_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("issuer", sa.String(length=160), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_certificate_course_id_course")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_certificate_department_id_department")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_certificate_staff_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_certificate_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index("ix_certificate_state_expires_on", ["state", "expires_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_team_id"), ["team_id"], unique=False)

    op.create_table(
        "learning_record",
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_learning_record_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["learning_resource.id"], name=op.f("fk_learning_record_resource_id_learning_resource")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_learning_record_staff_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_learning_record_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_record")),
        sa.UniqueConstraint("resource_id", "staff_id", name=op.f("uq_learning_record_resource_id_staff_id")),
    )
    with op.batch_alter_table("learning_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_learning_record_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_learning_record_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_learning_record_team_id"), ["team_id"], unique=False)

    op.create_table(
        "training_plan",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("objectives", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("timetable", sa.Text(), nullable=True),
        sa.Column("weaknesses", sa.JSON(), nullable=True),
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
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff.id"], name=op.f("fk_training_plan_approved_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_training_plan_department_id_department")
        ),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["staff.id"], name=op.f("fk_training_plan_submitted_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_plan")),
        sa.UniqueConstraint("department_id", "year", name=op.f("uq_training_plan_department_id_year")),
    )
    with op.batch_alter_table("training_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_plan_department_id"), ["department_id"], unique=False)

    op.create_table(
        "training_feedback",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Integer(), nullable=True),
        sa.Column("teaching", sa.Integer(), nullable=True),
        sa.Column("usefulness", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_training_feedback_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["training_session.id"], name=op.f("fk_training_feedback_session_id_training_session")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_training_feedback_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_feedback")),
        sa.UniqueConstraint("session_id", "staff_id", name=op.f("uq_training_feedback_session_id_staff_id")),
    )
    with op.batch_alter_table("training_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_feedback_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_feedback_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "training_note",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_training_note_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["training_session.id"], name=op.f("fk_training_note_session_id_training_session")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_training_note_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_note")),
        sa.UniqueConstraint("session_id", "staff_id", name=op.f("uq_training_note_session_id_staff_id")),
    )
    with op.batch_alter_table("training_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_note_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_note_staff_id"), ["staff_id"], unique=False)

    with op.batch_alter_table("training_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("figures", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("changes", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("training_session", schema=None) as batch_op:
        batch_op.drop_column("evaluated_at")
        batch_op.drop_column("changes")
        batch_op.drop_column("figures")
        batch_op.drop_column("closed_at")

    with op.batch_alter_table("training_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_note_staff_id"))
        batch_op.drop_index(batch_op.f("ix_training_note_department_id"))

    op.drop_table("training_note")
    with op.batch_alter_table("training_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_feedback_staff_id"))
        batch_op.drop_index(batch_op.f("ix_training_feedback_department_id"))

    op.drop_table("training_feedback")
    with op.batch_alter_table("training_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_plan_department_id"))

    op.drop_table("training_plan")
    with op.batch_alter_table("learning_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learning_record_team_id"))
        batch_op.drop_index(batch_op.f("ix_learning_record_staff_id"))
        batch_op.drop_index(batch_op.f("ix_learning_record_department_id"))

    op.drop_table("learning_record")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_team_id"))
        batch_op.drop_index("ix_certificate_state_expires_on")
        batch_op.drop_index(batch_op.f("ix_certificate_staff_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_department_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_course_id"))

    op.drop_table("certificate")
    with op.batch_alter_table("learning_resource", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learning_resource_department_id"))
        batch_op.drop_index(batch_op.f("ix_learning_resource_course_id"))

    op.drop_table("learning_resource")
    op.drop_table("proposal_check")
