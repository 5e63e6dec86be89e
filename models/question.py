"""TRN-5 and TRN-6: the question bank of each course."""

from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, Record
from models.course import Course
from models.types import Choice, Labelled
from models.words import _


class QuestionKind(Labelled):
    """What a question asks for: a choice, a word, a text, or something to be done."""

    SINGLE = "single", _("Single choice")
    MULTIPLE = "multiple", _("Multiple choice")
    TRUE_FALSE = "true_false", _("True or false")
    FILL_IN = "fill_in", _("Fill in the blanks")
    SHORT_ANSWER = "short_answer", _("Short answer")
    PRACTICAL = "practical", _("Practical task")


BY_TRAINER = frozenset({QuestionKind.SHORT_ANSWER, QuestionKind.PRACTICAL})
"""What somebody has to read or to watch."""
OF_OPTIONS = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE})


class Difficulty(Labelled):
    """How hard the author thinks it is; what it proved to be stands in the statistics."""

    EASY = "easy", _("Easy"), "good"
    MEDIUM = "medium", _("Medium"), "info"
    HARD = "hard", _("Hard"), "warn"


class QuestionState(Labelled):
    """Only questions in use are drawn."""

    IN_USE = "in_use", _("In use"), "good"
    RETIRED = "retired", _("Retired"), "quiet"


class Question(Record):
    """One question of a course's bank. A paper keeps the wording that it was asked with, whatever is changed here.

    `options` are the choices, or a practical's check list, in order; `key` holds the letters of the right ones, `true`
    or `false`, or for each blank its accepted texts with `|` between; `guide` is what the trainer marks by.
    """

    __tablename__ = "question"
    __entity__ = Entity(
        _("Exam question"),
        _("Question bank"),
        ("TRN-5", "TRN-6"),
        title="label",
        state="state",
        settled=frozenset({"course_id"}),
        searched=("number", "text"),
        icon="file-question",
    )
    __table_args__ = (
        UniqueConstraint("department_id", "number"),
        Index("ix_question_course_id_category", "course_id", "category", "difficulty"),
    )

    number: Mapped[str] = mapped_column(String(40))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    kind: Mapped[QuestionKind] = mapped_column(Choice(QuestionKind))
    category: Mapped[str] = mapped_column(String(60))
    difficulty: Mapped[Difficulty] = mapped_column(Choice(Difficulty), default=Difficulty.MEDIUM)
    text: Mapped[str] = mapped_column(Text)
    options: Mapped[list[str]] = mapped_column(JSON, default=list)
    key: Mapped[list[str]] = mapped_column(JSON, default=list)
    guide: Mapped[str | None] = mapped_column(Text)
    points: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(1))
    state: Mapped[QuestionState] = mapped_column(Choice(QuestionState), default=QuestionState.IN_USE)

    course: Mapped[Course] = relationship()

    @property
    def label(self) -> str:
        """Its number and how it begins."""
        return f"{self.number} · {self.text[:40]}"
