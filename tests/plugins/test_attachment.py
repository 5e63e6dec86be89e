import pytest
from sqlalchemy.orm import Session

from engine.attachments import ENDINGS, LARGEST, SUSPECT
from models.attachment import Attachment
from models.organisation import Post
from tests.factories.organisation import department, staff
from tests.factories.refusals import refused


def attachment(session: Session, **values: object) -> Attachment:
    home = department(session)
    manager = staff(session, home, Post.MANAGER)
    given = {
        "department_id": home.id, "entity": "staff", "record_id": manager.id, "stored": "0" * 32, "name": "证据.png",
        "media_type": "image/png", "size": 10, "digest": "0" * 64,
    }  # fmt: skip
    return Attachment(**(given | values))


def test_known_file_of_a_bounded_size_is_kept(session: Session) -> None:
    session.add(attachment(session, size=LARGEST))
    session.commit()


@pytest.mark.parametrize(("kind", "ending"), [(kind, each) for kind, all_ in ENDINGS.items() for each in all_])
def test_file_called_what_it_is_is_kept(session: Session, kind: str, ending: str) -> None:
    session.add(attachment(session, media_type=kind, name=f"证据{ending.upper()}"))
    session.commit()


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"media_type": "text/html"}, "file_is_of_a_known_kind"),
        ({"media_type": "image/svg+xml"}, "file_is_of_a_known_kind"),
        ({"media_type": SUSPECT}, "file_is_clean"),
        ({"name": "证据.pdf.html", "media_type": "application/pdf"}, "file_is_called_what_it_is"),
        ({"name": "证据.html"}, "file_is_called_what_it_is"),
        ({"name": "证据"}, "file_is_called_what_it_is"),
        ({"size": 0}, "file_is_not_empty"),
        ({"size": LARGEST + 1}, "file_is_not_too_large"),
    ],
)
def test_other_file_is_refused(session: Session, values: dict[str, object], rule: str) -> None:
    with refused(session, f"attachment.{rule}"):
        session.add(attachment(session, **values))
