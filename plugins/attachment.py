"""Files that belong to records: known kinds, a bounded size, told by their content and not by their name."""

from engine.attachments import ENDINGS, KINDS, LARGEST, SUSPECT
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import Facts, Verdict, rule
from engine.scanning import SPEAKS_AGAINST
from models.attachment import Attachment
from models.words import _


@rule(
    "",
    Attachment,
    field="name",
    says=_("Only PNG and JPEG pictures, PDF, plain text, Excel and Word files can be attached."),
)
def file_is_of_a_known_kind(attachment: Attachment, facts: Facts) -> Verdict:
    """The content decides; what a browser might run is not kept."""
    return attachment.media_type in KINDS or attachment.media_type == SUSPECT


@rule("", Attachment, field="name", says=SPEAKS_AGAINST)
def file_is_clean(attachment: Attachment, facts: Facts) -> Verdict:
    """What the installation's scanner finds is not handed on."""
    return attachment.media_type != SUSPECT


@rule("", Attachment, field="name", says=_("The name of this file must end in %(endings)s, as what it holds does."))
def file_is_called_what_it_is(attachment: Attachment, facts: Facts) -> Verdict:
    """A page named like a picture, or a document named like a page, is opened by the wrong program."""
    endings = ENDINGS.get(attachment.media_type, ())
    return not endings or attachment.name.casefold().endswith(endings) or {"endings": ", ".join(endings)}


@rule("", Attachment, field="name", says=_("This file is empty."))
def file_is_not_empty(attachment: Attachment, facts: Facts) -> Verdict:
    """An empty file proves nothing."""
    return attachment.size > 0


@rule("", Attachment, field="name", says=_("A file may have at most %(most)s MB."))
def file_is_not_too_large(attachment: Attachment, facts: Facts) -> Verdict:
    """The disk belongs to everybody."""
    return attachment.size <= LARGEST or {"most": LARGEST // 1024 // 1024}


@hookimpl
def domain() -> Domain:
    """What this part brings."""
    everybody = ("hr", "shift_lead", "trainer", "inspector", "qa_supervisor", "manager", "agent", "administrator")
    return Domain(
        name="attachment",
        label=_("Attachments"),
        entities=(Attachment,),
        rules=(
            file_is_of_a_known_kind,
            file_is_clean,
            file_is_called_what_it_is,
            file_is_not_empty,
            file_is_not_too_large,
        ),
        # A file is seen through its record's page, by whoever sees the record; of itself, only by who attached it.
        grants=tuple(
            {"entity": "attachment", "action": a, **dict.fromkeys(everybody, "own")}
            for a in ("read", "create", "delete")
        ),
    )
