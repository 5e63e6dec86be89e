"""The first step of an import: what is brought in, and from which file."""

from typing import IO, Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.base.access import deny, one, row_id
from admin_views.base.saving import write
from admin_views.import_job.steps import steps
from engine.acting import current_act
from engine.database import db
from engine.errors import NotAllowedError
from engine.importing import jobs
from engine.importing.importable import Importable
from engine.importing.source import open_job_table
from engine.registry import registry
from engine.tabular.problems import FileRefused
from models.import_job import ImportMapping
from models.words import Words, _


class UploadPages:
    """The step of an import in which the file is chosen."""

    @expose("/new/", methods=("GET", "POST"))
    def new_view(self: Any) -> ResponseReturnValue:
        """Choose what and which file."""
        if not importables():
            deny("import_job", "create")
        known = _mapping_to_use()
        if request.method == "GET":
            return self._ask_for_file(known.entity if known else request.args.get("entity", ""))
        upload, entity = request.files.get("file"), request.form.get("entity", "")
        if upload is None or not upload.filename:
            return self._ask_for_file(entity, _("Choose a file first."), 422)
        kept: list[int] = []
        try:
            refused = write(lambda: kept.append(_upload(upload.stream, upload.filename or "", entity, known)))
        except FileRefused as error:
            return self._ask_for_file(entity, error.reason, 422)
        except NotAllowedError:
            deny(entity if entity in registry.importables else "import_job", "import")
        if refused is not None:
            return self._ask_for_file(entity, refused.text, refused.status)
        return redirect(url_for(".map_view", id=kept[0]), 303)

    def _ask_for_file(self: Any, entity: str, problem: Words | None = None, status: int = 200) -> ResponseReturnValue:
        offered = importables()
        chosen = entity if entity in {each.name for each in offered} else offered[0].name
        return self.render(
            "import/new.html",
            offered=offered,
            chosen=chosen,
            problem=problem,
            steps=steps("upload"),
            known=_mapping_to_use(),
        ), status


def importables() -> list[Importable]:
    """What whoever acts may bring in."""
    return jobs.importables_for(current_act().actor)


def _mapping_to_use() -> ImportMapping | None:
    """The remembered mapping that the address names."""
    asked = request.args.get("mapping")
    return one(ImportMapping, row_id(asked, ImportMapping)) if asked else None


def _upload(stream: IO[bytes], filename: str, entity: str, known: ImportMapping | None) -> int:
    """The new job's id; a mapping for what the file brings is used at once."""
    job = jobs.upload(db.session(), stream, filename, entity)
    if known is not None and known.entity == entity:
        jobs.use_mapping(db.session(), job, known, open_job_table(job))
    return job.id
