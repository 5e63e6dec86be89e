"""What the database itself holds of the audit: rows are added and never changed, removed or written over.

The chain finds what was tampered with; these triggers refuse it first, whoever writes: the product, a script, a
database client. Rows older than `KEPT_DAYS` may go, which is what retention does (`engine.audit_keeping`).
"""

from sqlalchemy import DDL, Table, event

KEPT_DAYS = 184
"""The law asks for six months of logs (CSL 21); the longest six months have 184 days."""

SQLITE = (
    """
    CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    f"""
    CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
    WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-{KEPT_DAYS} days')
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    # INSERT OR REPLACE removes a row without asking the trigger above.
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
    f"""
    CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
    FOR EACH ROW WHEN (OLD.at > now() - interval '{KEPT_DAYS} days') EXECUTE FUNCTION audit_append_only()
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


def guard(entries: Table, head: Table) -> None:
    """Make the triggers wherever the tables are made from the models; migrations make them by themselves."""
    head.add_is_dependent_on(entries)
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            # A percent sign would be taken for a place to fill in.
            made = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
            event.listen(head, "after_create", made)
