"""TRN-3, TRN-5, TRN-6 on the screen.

- `mine`: one's own exams and the sitting page, where answers are kept as they are given
- `marking`: the trainer's queue
- `entity`: exams with their rule, papers, sittings and results
- `figures`: what the results say of an exam
- `posts`: who may stand on which channel today, and why not
"""

from typing import Any

from admin_views.exam.entity import ExamView
from admin_views.exam.results import ExamPaperView, ExamResultView, ExamSittingView
from engine.hooks import hookimpl


@hookimpl
def views() -> list[Any]:
    """The pages of exams."""
    return [ExamView(), ExamSittingView(), ExamResultView(), ExamPaperView()]
