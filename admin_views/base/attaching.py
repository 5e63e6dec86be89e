"""Files that belong to a record: uploaded through its page, opened only by those who may see the record."""

from typing import Any

from flask import abort, current_app, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.base import access
from admin_views.base.page import sayings_of
from admin_views.base.saving import write
from engine import attachments
from engine.acting import current_act
from engine.database import db
from engine.permissions import may_do_to
from models.attachment import Attachment
from models.words import _


class AttachmentPages:
    """Attaching, opening and removing."""

    @expose("/attach/", methods=("POST",))
    def attach_view(self: Any) -> ResponseReturnValue:
        """Keep an uploaded file with the record."""
        record = access.one(self.model, access.requested_id(self.model))
        if not self.may_attach(record):
            access.deny(self.table, "attach", record.id)
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            flash(_("Choose a file first."), "warn")
            return redirect(url_for(".details_view", id=record.id), 303)
        refused = write(lambda: attachments.keep(db.session(), folder(), record, upload.filename or "", upload.stream))
        if refused is None:
            flash(_("Attached."), "good")
        for saying in sayings_of(refused):
            flash(str(saying), "bad")
        return redirect(url_for(".details_view", id=record.id), 303)

    @expose("/attachment/")
    def attachment_view(self: Any) -> ResponseReturnValue:
        """The file, to be saved, never to be run or shown in place."""
        record = access.one(self.model, access.requested_id(self.model))
        found = self.own_file(record, request.args.get("file"))
        path = attachments.path_of(folder(), found)
        if not path.is_file():
            abort(404)
        name = attachments.plain_name(found.name)
        return send_file(path, found.media_type, as_attachment=True, download_name=name, max_age=0)

    @expose("/detach/", methods=("POST",))
    def detach_view(self: Any) -> ResponseReturnValue:
        """Remove a file of one's own while the record is open; it leaves the disk after the commit."""
        record = access.one(self.model, access.requested_id(self.model))
        found = self.own_file(record, request.form.get("file"))
        if not self.may_attach(record) or not may_do_to(db.session, current_act().actor, "delete", found):
            access.deny("attachment", "delete", found.id)
        refused = write(lambda: attachments.remove(db.session(), folder(), found))
        flash(
            _("Removed.") if refused is None else refused.text,
            "good" if refused is None else "bad",
        )
        return redirect(url_for(".details_view", id=record.id), 303)

    def own_file(self: Any, record: Any, key: str | None) -> Attachment:
        """A file of this very record."""
        number = access.row_id(key, Attachment)
        found = next((one for one in attachments.of(db.session(), record) if one.id == number), None)
        if found is None or not self.attachments:
            abort(404)
        return found

    def files_of(self: Any, record: Any) -> list[Attachment]:
        """The record's files: whoever sees the record sees them."""
        return attachments.of(db.session(), record) if self.attachments else []

    def may_attach(self: Any, record: Any) -> bool:
        """Whoever may change the record may add to it, until it is closed."""
        if not self.attachments or self.is_closed(record):
            return False
        return may_do_to(db.session, current_act().actor, "edit", record) and access.allowed("attachment", "create")


def folder() -> Any:
    """Where the files are: outside everything that is served."""
    return current_app.config["DUTYBOOK"].instance_dir / "attachments"
