"""The policy packs: by which the department runs, and taking one into it from a day on (ORG-8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from admin_views.base.access import allowed, deny
from admin_views.formats import today
from admin_views.pages import Page
from admin_views.rulebook.setting import department_id
from engine.database import db
from engine.errors import PolicyError
from engine.hooks import hookimpl
from engine.packs.adoption import adopt
from engine.packs.loader import load_packs
from engine.packs.schema import Pack
from models.organisation import Department
from models.policy import Adoption
from models.words import _

HIGHEST = 9999


@dataclass(frozen=True)
class Offer:
    """A pack, whether and how it is adopted, and what can be done with it."""

    pack: Pack
    adoption: Adoption | None

    @property
    def is_newer(self) -> bool:
        """Whether the pack's file has moved on since it was adopted."""
        return self.adoption is not None and self.adoption.pack_version != self.pack.version

    @property
    def action(self) -> str:
        """The grant that taking it in now needs; empty when there is nothing to take in."""
        return "create" if self.adoption is None else "edit" if self.is_newer else ""


class AdoptionPage(Page):
    """All packs, the adopted ones first."""

    needs = ("adoption", "read")
    icon = "library"

    @expose("/")
    def index(self) -> str:
        """Which packs there are, and which the department runs by."""
        return self._page(())

    @expose("/adopt/", methods=("POST",))
    def adopt_view(self) -> ResponseReturnValue:
        """Take a pack, or its newer version, into the department from a day on."""
        code = request.form.get("pack", "")
        offer = next((each for each in offers() if each.pack.code == code), None)
        action = (offer and offer.action) or "create"
        if not allowed("adoption", action):
            deny("adoption", action)
        if offer is None:
            abort(400)
        problems = _adopt(offer)
        if problems:
            return self._page(problems, code), 422
        flash(str(_("The pack is adopted. Its values hold from their first day on.")), "good")
        return redirect(url_for("adoption.index", _anchor=code), 303)

    def _page(self, problems: Sequence[str], refused: str = "") -> str:
        found = offers()
        ranks = [each.adoption.rank for each in found if each.adoption]
        return self.render(
            "rulebook/packs.html",
            offers=found,
            problems=problems,
            refused=refused,
            today=today(),
            next_rank=max(ranks, default=0) + 1,
            may={action: allowed("adoption", action) for action in ("create", "edit")},
        )


def offers() -> list[Offer]:
    """The adopted packs, the one that wins first, then the others in their order."""
    held = {row.pack: row for row in db.session.scalars(select(Adoption))}
    found = [Offer(pack, held.get(code)) for code, pack in load_packs().items()]
    return sorted(found, key=lambda each: -each.adoption.rank if each.adoption else HIGHEST)


def _adopt(offer: Offer) -> list[str]:
    """Adopt it as the form says; what speaks against it, in sentences."""
    day, rank = _day(request.form.get("valid_from", "")), _rank(offer)
    if day is None:
        return [str(_("Please give the day from which the pack holds."))]
    if rank is None:
        return [str(_("The rank is a whole number from 1 to %(most)s.", most=HIGHEST))]
    session = db.session()
    try:
        adopt(session, session.get_one(Department, department_id()), offer.pack.code, rank=rank, valid_from=day)
        session.commit()
    except PolicyError as error:
        session.rollback()
        return [violation.text for violation in error.violations]
    return []


def _rank(offer: Offer) -> int | None:
    """An adopted pack keeps its rank."""
    if offer.adoption is not None:
        return offer.adoption.rank
    text = request.form.get("rank", "").strip()
    rank = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(HIGHEST)) else 0
    return rank if rank >= 1 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@hookimpl
def views() -> list[Page]:
    """The packs stand beside the clauses."""
    return [AdoptionPage(name=_("Policy packs"), endpoint="adoption", url="/packs", category="rulebook")]
