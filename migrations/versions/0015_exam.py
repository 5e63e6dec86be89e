"""Question banks, exams with their papers, sittings with their answers, and results."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("difficulty", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("guide", sa.Text(), nullable=True),
        sa.Column("points", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_question_course_id_course")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_question_department_id_department")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("department_id", "number", name=op.f("uq_question_department_id_number")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index("ix_question_course_id_category", ["course_id", "category", "difficulty"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_department_id"), ["department_id"], unique=False)

    op.create_table(
        "exam",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("trainer_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("partial_credit", sa.Boolean(), nullable=False),
        sa.Column("shows_key", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_exam_course_id_course")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_exam_department_id_department")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["training_session.id"], name=op.f("fk_exam_session_id_training_session")
        ),
        sa.ForeignKeyConstraint(["trainer_id"], ["staff.id"], name=op.f("fk_exam_trainer_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam")),
        sa.UniqueConstraint("department_id", "number", name=op.f("uq_exam_department_id_number")),
    )
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_exam_department_id_opens_at", ["department_id", "opens_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_trainer_id"), ["trainer_id"], unique=False)

    op.create_table(
        "exam_paper",
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_exam_paper_department_id_department")
        ),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_paper_exam_id_exam")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_paper")),
        sa.UniqueConstraint("exam_id", "attempt", name=op.f("uq_exam_paper_exam_id_attempt")),
    )
    with op.batch_alter_table("exam_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_paper_department_id"), ["department_id"], unique=False)

    op.create_table(
        "exam_sitting",
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("own_pass_mark", sa.Integer(), nullable=True),
        sa.Column("arrangement", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_clock", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_exam_sitting_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_exam_sitting_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_sitting_exam_id_exam")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exam_sitting_staff_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_exam_sitting_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_sitting")),
        sa.UniqueConstraint("exam_id", "staff_id", "attempt", name=op.f("uq_exam_sitting_exam_id_staff_id_attempt")),
    )
    with op.batch_alter_table("exam_sitting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_sitting_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_sitting_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index("ix_exam_sitting_staff_id_state", ["staff_id", "state"], unique=False)
        batch_op.create_index("ix_exam_sitting_state_closes_at", ["state", "closes_at"], unique=False)
        batch_op.create_index("ix_exam_sitting_state_ends_at", ["state", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_sitting_team_id"), ["team_id"], unique=False)

    op.create_table(
        "exam_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sitting_id"], ["exam_sitting.id"], name=op.f("fk_exam_answer_sitting_id_exam_sitting")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_answer")),
        sa.UniqueConstraint("sitting_id", "item", name=op.f("uq_exam_answer_sitting_id_item")),
    )
    op.create_table(
        "exam_result",
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("practical_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("marked_by_id", sa.Integer(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_exam_result_course_id_course")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_exam_result_department_id_department")
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_exam_result_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_result_exam_id_exam")),
        sa.ForeignKeyConstraint(["marked_by_id"], ["staff.id"], name=op.f("fk_exam_result_marked_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["sitting_id"], ["exam_sitting.id"], name=op.f("fk_exam_result_sitting_id_exam_sitting")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exam_result_staff_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_exam_result_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_result")),
        sa.UniqueConstraint("department_id", "number", name=op.f("uq_exam_result_department_id_number")),
        sa.UniqueConstraint("exam_id", "staff_id", "attempt", name=op.f("uq_exam_result_exam_id_staff_id_attempt")),
        sa.UniqueConstraint("sitting_id", name=op.f("uq_exam_result_sitting_id")),
    )
    with op.batch_alter_table("exam_result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_result_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_result_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_exam_result_department_id_taken_on", ["department_id", "taken_on", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_exam_result_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index("ix_exam_result_staff_id_course_id", ["staff_id", "course_id", "taken_on"], unique=False)
        batch_op.create_index("ix_exam_result_state", ["department_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_result_team_id"), ["team_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("exam_result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_result_team_id"))
        batch_op.drop_index("ix_exam_result_state")
        batch_op.drop_index("ix_exam_result_staff_id_course_id")
        batch_op.drop_index(batch_op.f("ix_exam_result_enrolment_id"))
        batch_op.drop_index("ix_exam_result_department_id_taken_on")
        batch_op.drop_index(batch_op.f("ix_exam_result_department_id"))
        batch_op.drop_index(batch_op.f("ix_exam_result_course_id"))

    op.drop_table("exam_result")
    op.drop_table("exam_answer")
    with op.batch_alter_table("exam_sitting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_sitting_team_id"))
        batch_op.drop_index("ix_exam_sitting_state_ends_at")
        batch_op.drop_index("ix_exam_sitting_state_closes_at")
        batch_op.drop_index("ix_exam_sitting_staff_id_state")
        batch_op.drop_index(batch_op.f("ix_exam_sitting_enrolment_id"))
        batch_op.drop_index(batch_op.f("ix_exam_sitting_department_id"))

    op.drop_table("exam_sitting")
    with op.batch_alter_table("exam_paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_paper_department_id"))

    op.drop_table("exam_paper")
    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_trainer_id"))
        batch_op.drop_index(batch_op.f("ix_exam_session_id"))
        batch_op.drop_index("ix_exam_department_id_opens_at")
        batch_op.drop_index(batch_op.f("ix_exam_department_id"))
        batch_op.drop_index(batch_op.f("ix_exam_course_id"))

    op.drop_table("exam")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_department_id"))
        batch_op.drop_index("ix_question_course_id_category")

    op.drop_table("question")
