"""What the figures say of recruitment: how many came how far, how long it took, why it ended. They outlive the data."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from admin_views.base import access
from admin_views.formats import as_day, today
from admin_views.pages import Page
from admin_views.taking import file_of
from engine.acting import current_act
from engine.database import db
from engine.permissions import may
from models.candidate import UNDER_WAY, Candidate, ClosedCause, Source, Stage
from models.job_opening import JobOpening
from models.words import _

YEAR = timedelta(days=365)
MOMENTS = tuple(getattr(Candidate, f"{stage.value}_at") for stage in UNDER_WAY[1:])
SECONDS_OF_A_DAY = 86_400


@dataclass
class Figures:
    """Of one opening, or of all of them: how many reached each stage, what came of it, and the days it took."""

    name: str
    reached: Counter[Stage] = field(default_factory=Counter)
    causes: Counter[ClosedCause] = field(default_factory=Counter)
    sources: Counter[Source] = field(default_factory=Counter)
    hired_from: Counter[Source] = field(default_factory=Counter)
    to_hire: list[float] = field(default_factory=list)
    at_stage: dict[Stage, list[float]] = field(default_factory=lambda: {stage: [] for stage in UNDER_WAY})

    def add(self, row: Any) -> None:
        """Count one candidate."""
        moments = [row.created_at, row.first_interview_at, row.second_interview_at, row.background_check_at]
        moments.append(row.decision_at)
        for stage, moment in zip(UNDER_WAY, moments, strict=True):
            self.reached[stage] += moment is not None
        self.reached[row.stage] += row.stage not in UNDER_WAY
        self.sources[row.source] += 1
        if row.closed_cause is not None:
            self.causes[row.closed_cause] += 1
        if row.stage is Stage.HIRED and row.closed_at is not None:
            self.hired_from[row.source] += 1
            self.to_hire.append(_days(row.created_at, row.closed_at))
        self._add_days(moments, row.closed_at)

    def _add_days(self, moments: Sequence[Any], closed_at: Any) -> None:
        """How long each stage took that is over: until the next one, or until it ended there."""
        known = [(stage, moment) for stage, moment in zip(UNDER_WAY, moments, strict=True) if moment is not None]
        ends = [moment for _stage, moment in known[1:]] + [closed_at]
        for (stage, begin), end in zip(known, ends, strict=True):
            if end is not None:
                self.at_stage[stage].append(_days(begin, end))

    @property
    def candidates(self) -> int:
        """Everybody who applied."""
        return self.reached[Stage.SCREENING]

    @property
    def days_to_hire(self) -> float | None:
        """Mean days from the application to the hire."""
        return fmean(self.to_hire) if self.to_hire else None

    def days_at(self, stage: Stage) -> float | None:
        """Mean days at a stage."""
        return fmean(self.at_stage[stage]) if self.at_stage[stage] else None

    def share(self, stage: Stage) -> float:
        """Of all who applied, the part that came so far; 0 to 1."""
        return self.reached[stage] / self.candidates if self.candidates else 0.0


class Funnel(Page):
    """One page and the same as a file. Only who sees all candidates of the department sees figures."""

    needs = ("candidate", "export")
    icon = "filter"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The funnel of everybody, then opening by opening."""
        first, last = period()
        total, openings = figures(first, last)
        return self.render(
            "hiring/figures.html",
            total=total,
            openings=openings,
            first=first,
            last=last,
            stages=(*UNDER_WAY, Stage.HIRED),
            under_way=UNDER_WAY,
            outcome=(Stage.HIRED, Stage.REJECTED),
        )

    @expose("/export/")
    def file(self) -> ResponseReturnValue:
        """The table of openings as Excel."""
        if not may(current_act().actor, "candidate", "export"):
            access.deny("candidate", "export")
        total, openings = figures(*period())
        stages = (*UNDER_WAY, Stage.HIRED, Stage.REJECTED)
        header = [str(_("Opening")), *(str(stage.label) for stage in stages), str(_("Days to hire"))]
        return file_of("candidate", header, list(_lines([*openings, total], stages)))


def _lines(rows: Sequence[Figures], stages: Sequence[Stage]) -> Iterator[Sequence[Any]]:
    for row in rows:
        days = round(row.days_to_hire, 1) if row.days_to_hire is not None else None
        yield [row.name, *(row.reached[stage] for stage in stages), days]


def period() -> tuple[date, date]:
    """The days that the address asks for; else the last year."""
    last = _asked("until") or today()
    first = _asked("from") or last - YEAR
    return min(first, last), last


def _asked(name: str) -> date | None:
    try:
        return as_day(request.args[name]) if request.args.get(name) else None
    except ValueError:
        return None


def figures(first: date, last: date) -> tuple[Figures, list[Figures]]:
    """Of everybody who applied on these days: altogether, and by opening, the newest first."""
    columns = (Candidate.opening_id, Candidate.stage, Candidate.source, Candidate.closed_cause, Candidate.closed_at)
    query = select(*columns, Candidate.created_at, *MOMENTS).where(Candidate.applied_on.between(first, last))
    total, openings = Figures(str(_("All openings"))), dict[int, Figures]()
    names = dict(db.session.execute(select(JobOpening.id, JobOpening.name)).all())
    for row in db.session.execute(query):
        total.add(row)
        openings.setdefault(row.opening_id, Figures(names.get(row.opening_id, ""))).add(row)
    return total, [openings[key] for key in sorted(openings, reverse=True)]


def _days(begin: Any, end: Any) -> float:
    return max(0.0, (end - begin).total_seconds() / SECONDS_OF_A_DAY)
