"""Flask-Admin as it comes, over the same tables: the columns, filters and search of our list of findings."""

from datetime import datetime
from decimal import Decimal

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_babel import Babel
from sqlalchemy import DateTime, ForeignKey, Numeric, String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, scoped_session, sessionmaker

PAGE = 50


class Base(DeclarativeBase):
    """Models of its own: neither scope nor gate is in its way."""


class Staff(Base):
    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))

    def __str__(self) -> str:
        return self.name


class Team(Base):
    __tablename__ = "team"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))

    def __str__(self) -> str:
        return self.name


class Item(Base):
    __tablename__ = "scorecard_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60))

    def __str__(self) -> str:
        return self.code


class Inspection(Base):
    __tablename__ = "qa_inspection"
    id: Mapped[int] = mapped_column(primary_key=True)

    def __str__(self) -> str:
        return str(self.id)


class Finding(Base):
    __tablename__ = "qa_finding"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    department_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    inspection_id: Mapped[int] = mapped_column(ForeignKey("qa_inspection.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("scorecard_item.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    severity: Mapped[str] = mapped_column(String(32))
    deduction: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    problem: Mapped[str] = mapped_column(String(1000))
    cause: Mapped[str | None] = mapped_column(String(400))
    recurring: Mapped[bool]
    state: Mapped[str] = mapped_column(String(32))

    inspection: Mapped[Inspection] = relationship()
    item: Mapped[Item] = relationship()
    agent: Mapped[Staff] = relationship()
    team: Mapped[Team | None] = relationship()


class FindingView(ModelView):
    """Everything as it comes; look-up boxes for what can grow, since lists of ten thousand would be no match."""

    column_list = ("problem", "item", "severity", "deduction", "agent", "team", "occurred_at", "recurring", "state")
    column_filters = ("state", "severity", "team_id", "occurred_at", "recurring")
    column_searchable_list = ("problem", "cause")
    column_default_sort = [("occurred_at", True), ("id", True)]
    form_columns = ("inspection", "item", "severity", "deduction", "problem", "cause", "agent", "team")
    form_ajax_refs = {
        "inspection": {"fields": (Inspection.id,), "page_size": 10},
        "agent": {"fields": (Staff.name,), "page_size": 10},
        "team": {"fields": (Team.name,), "page_size": 10},
        "item": {"fields": (Item.code,), "page_size": 10},
    }
    can_export = True
    export_max_rows = 0
    page_size = PAGE
    can_set_page_size = True


def application(url: str) -> Flask:
    """The application, at `/admin/finding/`."""
    app = Flask("measured")
    app.config.update(SECRET_KEY="measured", BABEL_DEFAULT_LOCALE="zh_CN")
    Babel(app, default_locale="zh_CN", default_timezone="Asia/Shanghai")
    session = scoped_session(sessionmaker(create_engine(url)))
    app.teardown_appcontext(lambda _error: session.remove())
    Admin(app).add_view(FindingView(Finding, session, endpoint="finding"))
    return app
