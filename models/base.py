"""The ground that every table stands on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from models.types import UTCDateTime
from models.words import Words, in_language

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base of every table.

    A table without an entity of its own may name, as `__part_of__`, the relation to the record whose part its rows
    are: whoever may read the record may read them, and nobody else.
    """

    metadata = MetaData(naming_convention=NAMING)


@dataclass(frozen=True)
class Entity:
    """What the whole product knows of one entity, declared once on its model as `__entity__`.

    `clauses` are the ids of the rulebook that the record embodies. `owner` and `team` name the foreign key columns that
    a row scope of `own` or `team` compares; `title` names the attribute that stands for the record in a sentence.
    `called` leads to a person's name that may have to be forgotten (`name`, `candidate.name`): pages call the record by
    it for whoever may read it, while the title, which the audit and notices keep for good, says nothing of the person.
    `state` names the column that only a transition may change. `frozen` lists states in which nothing may be edited,
    `starts` those in which a record may begin besides the column's default. `settled` names the columns that no edit
    changes once the record is saved: whose it is, of what it is a part. When `published` is given, a record in another
    state is there only for whoever the matrix grants `read_draft`: nothing reaches an agent before its review (QA-6),
    no exam before it is published. `searched` names the columns of text in which lists search; they are kept in an
    index, and nothing encrypted may be among them. `customers` names the columns that hold customers' data: masked for
    whoever has not signed for it (CNF-1). `involved` names who counts as an owner beside `owner`: columns with a staff
    id (`addressee_id`), or such a column in what a relation leads to (`standing_interviews.interviewer_id`,
    `session.trainer_id`). `internal` rows are quality results, appraisals and the like: they leave the department on an
    approval only (CNF-4).
    """

    label: Words
    plural: Words
    clauses: tuple[str, ...] = ()
    title: str = "id"
    called: str = ""
    owner: str | None = None
    team: str | None = None
    state: str | None = None
    frozen: frozenset[str] = field(default_factory=frozenset)
    starts: frozenset[str] = field(default_factory=frozenset)
    settled: frozenset[str] = field(default_factory=frozenset)
    published: frozenset[str] | None = None
    searched: tuple[str, ...] = ()
    customers: frozenset[str] = field(default_factory=frozenset)
    involved: tuple[str, ...] = ()
    internal: bool = False
    icon: str = "file"


class Record(Base):
    """A record of policy: everything written to it passes the gate, and nothing but a draft is ever deleted.

    `version` counts writes; a write that does not name the version it read is refused by the database.
    """

    __abstract__ = True
    __entity__: ClassVar[Entity]

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    @declared_attr
    def department_id(cls) -> Mapped[int]:  # noqa: N805 SQLAlchemy hands in the class
        """The department whose rulebook judges this record."""
        return mapped_column(ForeignKey("department.id"), index=True)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 SQLAlchemy hands in the class
        """Every UPDATE names the version it read, so that of two writers one is told."""
        return {"version_id_col": cls.__table__.c.version} if "__table__" in cls.__dict__ else {}

    @property
    def title(self) -> str:
        """What a sentence calls this record; of a name in both languages the first."""
        title = getattr(self, self.__entity__.title)
        return in_language(title, "zh") if isinstance(title, dict) else str(title)

    def name_of_file(self, given: str) -> str:
        """What an attached file is called, given what the person called it: the audit keeps its name for good."""
        return given

    def __str__(self) -> str:
        """A record is shown by its title."""
        return self.title
