"""Search: the index over searched texts, with the full-text table that SQLite keeps beside it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE VIRTUAL TABLE search_word USING fts5(
        grams, content='search_entry', content_rowid='id', detail='none', columnsize=0, tokenize='ascii')""",
    """CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_word(rowid, grams) VALUES (new.id, new.grams);
    END""",
    """CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN
        INSERT INTO search_word(search_word, rowid, grams) VALUES ('delete', old.id, old.grams);
    END""",
    """CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry BEGIN
        INSERT INTO search_word(search_word, rowid, grams) VALUES ('delete', old.id, old.grams);
        INSERT INTO search_word(rowid, grams) VALUES (new.id, new.grams);
    END""",
)


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("grams", sa.Text().with_variant(postgresql.ARRAY(sa.Integer()), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    op.create_table(
        "search_state",
        sa.Column("entity", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("entity", name=op.f("pk_search_state")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_search_entry_grams", "search_entry", ["grams"], postgresql_using="gin")
    else:
        for statement in SQLITE:
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("search_state")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_word")
    op.drop_table("search_entry")
