"""Openings, candidates and their interviews; reports level by level; career plans and changes of post."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "career_plan",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_career_plan_department_id_department")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_career_plan_staff_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_career_plan_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_career_plan")),
    )
    with op.batch_alter_table("career_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_career_plan_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_career_plan_staff_id_state", ["staff_id", "state"], unique=False)

    op.create_table(
        "incident_report",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("addressee_id", sa.Integer(), nullable=False),
        sa.Column("direct_superior_id", sa.Integer(), nullable=True),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("why_emergency", sa.Text(), nullable=True),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("follow_up_of_id", sa.Integer(), nullable=True),
        sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("levels", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["addressee_id"], ["staff.id"], name=op.f("fk_incident_report_addressee_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_incident_report_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["direct_superior_id"], ["staff.id"], name=op.f("fk_incident_report_direct_superior_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_of_id"], ["incident_report.id"], name=op.f("fk_incident_report_follow_up_of_id_incident_report")
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["staff.id"], name=op.f("fk_incident_report_sender_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_report")),
        sa.UniqueConstraint("follow_up_of_id", name=op.f("uq_incident_report_follow_up_of_id")),
    )
    with op.batch_alter_table("incident_report", schema=None) as batch_op:
        batch_op.create_index("ix_incident_report_addressee_id_state", ["addressee_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_report_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_incident_report_sender_id_reported_at", ["sender_id", "reported_at"], unique=False)

    op.create_table(
        "job_opening",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("post", sa.String(length=32), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("superior_id", sa.Integer(), nullable=True),
        sa.Column("duties", sa.Text(), nullable=True),
        sa.Column("requirements", sa.Text(), nullable=True),
        sa.Column("pay", sa.String(length=200), nullable=True),
        sa.Column("benefits", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_job_opening_department_id_department")
        ),
        sa.ForeignKeyConstraint(["superior_id"], ["staff.id"], name=op.f("fk_job_opening_superior_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_job_opening_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_opening")),
    )
    with op.batch_alter_table("job_opening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_opening_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_opening_team_id"), ["team_id"], unique=False)

    op.create_table(
        "post_change",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("new_post", sa.String(length=32), nullable=False),
        sa.Column("new_team_id", sa.Integer(), nullable=True),
        sa.Column("new_superior_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("former_post", sa.String(length=32), nullable=True),
        sa.Column("former_team_id", sa.Integer(), nullable=True),
        sa.Column("former_superior_id", sa.Integer(), nullable=True),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("took_effect_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_post_change_decided_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_post_change_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["former_superior_id"], ["staff.id"], name=op.f("fk_post_change_former_superior_id_staff")
        ),
        sa.ForeignKeyConstraint(["former_team_id"], ["team.id"], name=op.f("fk_post_change_former_team_id_team")),
        sa.ForeignKeyConstraint(["new_superior_id"], ["staff.id"], name=op.f("fk_post_change_new_superior_id_staff")),
        sa.ForeignKeyConstraint(["new_team_id"], ["team.id"], name=op.f("fk_post_change_new_team_id_team")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["staff.id"], name=op.f("fk_post_change_proposed_by_id_staff")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_post_change_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_change")),
    )
    with op.batch_alter_table("post_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_change_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_change_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index("ix_post_change_state_effective_on", ["state", "effective_on"], unique=False)

    op.create_table(
        "candidate",
        sa.Column("opening_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("about", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("expected_pay", sa.LargeBinary(), nullable=True),
        sa.Column("first_interview_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_interview_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("background_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_result", sa.String(length=32), nullable=True),
        sa.Column("check_evidence", sa.LargeBinary(), nullable=True),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("offered_pay", sa.LargeBinary(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_cause", sa.String(length=32), nullable=True),
        sa.Column("closed_reason", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff.id"], name=op.f("fk_candidate_approved_by_id_staff")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["staff.id"], name=op.f("fk_candidate_checked_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_candidate_department_id_department")
        ),
        sa.ForeignKeyConstraint(["opening_id"], ["job_opening.id"], name=op.f("fk_candidate_opening_id_job_opening")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["staff.id"], name=op.f("fk_candidate_proposed_by_id_staff")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_candidate_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_candidate_staff_id")),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_candidate_department_id_stage", ["department_id", "stage"], unique=False)
        batch_op.create_index("ix_candidate_opening_id_phone_index", ["opening_id", "phone_index"], unique=False)

    op.create_table(
        "career_goal",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=32), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_career_goal_department_id_department")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["career_plan.id"], name=op.f("fk_career_goal_plan_id_career_plan")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_career_goal_staff_id_staff")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_career_goal_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_career_goal")),
    )
    with op.batch_alter_table("career_goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_career_goal_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_career_goal_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "interview",
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.String(length=32), nullable=False),
        sa.Column("interviewer_id", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("scores", sa.JSON(), nullable=True),
        sa.Column("mean", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("advice", sa.String(length=32), nullable=True),
        sa.Column("remark", sa.LargeBinary(), nullable=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_interview_candidate_id_candidate")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_interview_department_id_department")
        ),
        sa.ForeignKeyConstraint(["interviewer_id"], ["staff.id"], name=op.f("fk_interview_interviewer_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint(
            "candidate_id", "round", "interviewer_id", name=op.f("uq_interview_candidate_id_round_interviewer_id")
        ),
    )
    with op.batch_alter_table("interview", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interview_department_id"), ["department_id"], unique=False)
        batch_op.create_index("ix_interview_interviewer_id_state", ["interviewer_id", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("interview", schema=None) as batch_op:
        batch_op.drop_index("ix_interview_interviewer_id_state")
        batch_op.drop_index(batch_op.f("ix_interview_department_id"))

    op.drop_table("interview")
    with op.batch_alter_table("career_goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_career_goal_plan_id"))
        batch_op.drop_index(batch_op.f("ix_career_goal_department_id"))

    op.drop_table("career_goal")
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.drop_index("ix_candidate_opening_id_phone_index")
        batch_op.drop_index("ix_candidate_department_id_stage")
        batch_op.drop_index(batch_op.f("ix_candidate_department_id"))

    op.drop_table("candidate")
    with op.batch_alter_table("post_change", schema=None) as batch_op:
        batch_op.drop_index("ix_post_change_state_effective_on")
        batch_op.drop_index(batch_op.f("ix_post_change_staff_id"))
        batch_op.drop_index(batch_op.f("ix_post_change_department_id"))

    op.drop_table("post_change")
    with op.batch_alter_table("job_opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_opening_team_id"))
        batch_op.drop_index(batch_op.f("ix_job_opening_department_id"))

    op.drop_table("job_opening")
    with op.batch_alter_table("incident_report", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_report_sender_id_reported_at")
        batch_op.drop_index(batch_op.f("ix_incident_report_department_id"))
        batch_op.drop_index("ix_incident_report_addressee_id_state")

    op.drop_table("incident_report")
    with op.batch_alter_table("career_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_career_plan_staff_id_state")
        batch_op.drop_index(batch_op.f("ix_career_plan_department_id"))

    op.drop_table("career_plan")
