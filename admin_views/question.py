"""TRN-5, TRN-6 on the screen: the question bank, course by course."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from admin_views.base import EntityView
from admin_views.base.fields import AreaField
from admin_views.numbering import next_number
from engine.acting import current_act
from engine.hooks import hookimpl
from models.course import Course
from models.question import Question
from models.words import _
from plugins.question.written import LETTERS, key_from


class LinesField(AreaField):
    """A list of texts, one a line; an untouched one is not written."""

    def process_data(self, value: Any) -> None:
        """Keep the list; the text is made when it is shown."""
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Empty lines are left out."""
        super().process_formdata(valuelist)
        if valuelist:
            self.data = [line.strip() for line in str(self.data).splitlines() if line.strip()]

    def shown_text(self) -> str:
        """What stands in the box."""
        return "\n".join(self.data)

    def populate_obj(self, obj: Any, name: str) -> None:
        """An unchanged list is not written."""
        if list(getattr(obj, name) or []) != self.data:
            setattr(obj, name, self.data)


class KeyField(LinesField):
    """The right answer as people write it: letters, true or false, a line for each blank; its kind says how to read."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was typed: what it means depends on the kind."""
        AreaField.process_formdata(self, valuelist)

    def shown_text(self) -> str:
        """Letters stand beside each other, blanks under each other."""
        if isinstance(self.data, str):
            return self.data
        return (" " if all(each in LETTERS for each in self.data) else "\n").join(map(_in_words, self.data))

    def populate_obj(self, obj: Any, name: str) -> None:
        """Read it by the kind, which the form has set before."""
        if not isinstance(self.data, str):
            return
        key = key_from(obj.kind, self.data) if obj.kind else []
        if list(getattr(obj, name) or []) != key:
            setattr(obj, name, key)


def _taught() -> Sequence[ColumnElement[bool]]:
    return (Course.retired.is_(False),)


def _in_words(key: str) -> str:
    return str({"true": _("True"), "false": _("False")}.get(key, key))


def _key_in_words(value: Any) -> str:
    return " · ".join(map(_in_words, value or []))


def _one_a_line(value: Any) -> str:
    return " · ".join(str(each) for each in value or [])


class QuestionView(EntityView):
    """Questions by course, category and difficulty."""

    model = Question
    category = "training"
    list_columns = ("number", "text", "course_id", "kind", "category", "difficulty", "points", "state")
    form_columns = (
        "number",
        "course_id",
        "category",
        "difficulty",
        "kind",
        "text",
        "options",
        "key",
        "guide",
        "points",
    )
    detail_columns = (
        "course_id",
        "kind",
        "category",
        "difficulty",
        "points",
        "text",
        "options",
        "key",
        "guide",
    )
    filters = ("course_id", "kind", "category", "difficulty", "state")
    default_sort = ("number", False)
    cell_columns = ("category", "difficulty", "points")
    narrow = {"course_id": _taught}
    fields = {"options": LinesField, "key": KeyField}
    formatters = {"options": _one_a_line, "key": _key_in_words}
    labels = {
        "category": _("Question topic"),
        "text": _("Question text"),
        "options": _("Options, or the check list of a practical"),
        "key": _("Right answer"),
        "guide": _("Marking guide"),
        "points": _("Full points"),
    }
    help = {
        "category": _("What it is about: papers are drawn by so many questions of a topic and difficulty."),
        "options": _("One a line. They are shown to each candidate in another order."),
        "key": _("A choice: the letters, as in A C. A statement: true or false. Blanks: one line each, 7|seven."),
        "guide": _("What counts for full marks. Candidates never see it before their result is told."),
    }
    empty_hint = _("No question yet. Write the first one, or import a sheet with one question a row.")

    def first_values(self) -> Mapping[str, Any]:
        """The number after the last one's."""
        return {"number": next_number(Question, current_act().actor.department_id, "Q-0001")}


@hookimpl
def views() -> list[EntityView]:
    """The screens of this domain."""
    return [QuestionView()]
