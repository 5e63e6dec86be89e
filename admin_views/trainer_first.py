"""A form that asks for the trainer: trainers who fill it in are the trainer unless they say otherwise."""

from typing import Any

from flask import request

from admin_views.base.forms import Draft
from engine.acting import Role, current_act


class TrainerFirst:
    """Stands before EntityView among a view's bases."""

    def draft_for(self, record: Any) -> Draft:
        """The form; an empty one names its trainer already."""
        draft: Draft = super().draft_for(record)  # type: ignore[misc]  # mixed into a view
        actor, is_empty = current_act().actor, record is None and request.method == "GET"
        if is_empty and "trainer_id" in draft.form and Role.TRAINER in actor.roles:
            draft.form["trainer_id"].data = draft.form["trainer_id"].data or actor.staff_id
        return draft
