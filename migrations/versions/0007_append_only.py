"""The audit is append-only in the database itself: triggers refuse to change, remove or write over its rows."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
    WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-184 days')
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_entry_not_replaced BEFORE INSERT ON audit_entry
    WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_head_onward BEFORE UPDATE ON audit_head
    WHEN NEW.id <> OLD.id OR NEW.last_id < OLD.last_id
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_head_kept BEFORE DELETE ON audit_head
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_head_not_replaced BEFORE INSERT ON audit_head
    WHEN EXISTS (SELECT 1 FROM audit_head WHERE id = NEW.id AND NEW.last_id < last_id)
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
)

POSTGRESQL = (
    """
    CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN RAISE EXCEPTION 'the audit is append-only'; END $body$
    """,
    """
    CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_append_only()
    """,
    """
    CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
    FOR EACH ROW WHEN (OLD.at > now() - interval '184 days') EXECUTE FUNCTION audit_append_only()
    """,
    """
    CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
    """,
    """
    CREATE TRIGGER audit_head_onward BEFORE UPDATE ON audit_head
    FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.last_id < OLD.last_id) EXECUTE FUNCTION audit_append_only()
    """,
    """
    CREATE TRIGGER audit_head_kept BEFORE DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_append_only()
    """,
    """
    CREATE TRIGGER audit_head_not_emptied BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
    """,
)

TRIGGERS = {
    "audit_entry": ("audit_entry_unchanged", "audit_entry_kept", "audit_entry_not_replaced", "audit_entry_not_emptied"),
    "audit_head": ("audit_head_onward", "audit_head_kept", "audit_head_not_replaced", "audit_head_not_emptied"),
}


def upgrade() -> None:
    for statement in POSTGRESQL if _is_postgresql() else SQLITE:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    bind = op.get_bind()
    for table, triggers in TRIGGERS.items():
        for trigger in triggers:
            bind.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}" + (f" ON {table}" if _is_postgresql() else ""))
    if _is_postgresql():
        bind.exec_driver_sql("DROP FUNCTION audit_append_only()")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
