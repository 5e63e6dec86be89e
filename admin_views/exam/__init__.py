"""TRN-3, TRN-5, TRN-6 on the screen.

- `mine`: one's own exams and the sitting page, where answers are kept as they are given
- `marking`: the trainer's queue
- `entity`: exams with their rule, papers, sittings and results
- `figures`: what the results say of an exam
- `posts`: who may stand on which channel today, and why not
"""

from typing import Any

from admin_views.exam.entity import ExamView
from admin_views.exam.marking import Marking
from admin_views.exam.mine import MyExams
from admin_views.exam.posts import OnPost
from admin_views.exam.results import ExamPaperView, ExamResultView, ExamSittingView
from engine.hooks import hookimpl
from models.words import _


@hookimpl
def views() -> list[Any]:
    """The pages of exams."""
    mine = MyExams(name=_("My exams"), endpoint="my_exams", url="/my_exams", category="training")
    marking = Marking(name=_("Marking"), endpoint="marking", url="/marking", category="training")
    posts = OnPost(name=_("Who may work where"), endpoint="on_post", url="/on_post", category="training")
    return [mine, posts, marking, ExamView(), ExamSittingView(), ExamResultView(), ExamPaperView()]
