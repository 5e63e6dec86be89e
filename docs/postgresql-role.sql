-- The role as which Dutybook runs on PostgreSQL: it may work with every table, and only add to the audit.
-- Run it as the owner of the database after `flask prepare`, once for each new version (psql -f docs/postgresql-role.sql).
-- The owner runs `flask prepare` and `flask retire-audit`; `flask serve` gets a DATABASE_URL with this role.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dutybook_app') THEN CREATE ROLE dutybook_app LOGIN; END IF;
END $$;
GRANT USAGE ON SCHEMA public TO dutybook_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO dutybook_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO dutybook_app;
REVOKE UPDATE, DELETE ON audit_entry FROM dutybook_app;
REVOKE DELETE ON audit_head FROM dutybook_app;
