"""`flask verify-signatures`: looks at every published text and every signature, and names what does not hold."""

from collections.abc import Iterator

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.acting import SYSTEM, Door, acting
from engine.commands.saying import REFUSED, say
from engine.database import db
from models.confidentiality_ack import AckState, ConfidentialityAck, Undertaking
from models.words import _
from plugins.confidentiality_ack.signing import Doubt, doubts, doubts_about_text


def doubtful(session: Session) -> Iterator[tuple[str, Doubt]]:
    """What does not hold, each with the version or the signature that it is about."""
    for version in session.scalars(select(Undertaking).order_by(Undertaking.id)):
        yield from ((f"undertaking:{version.id}", doubt) for doubt in doubts_about_text(version))
    signed = (
        select(ConfidentialityAck)
        .where(ConfidentialityAck.state == AckState.SIGNED)
        .options(joinedload(ConfidentialityAck.undertaking))
        .order_by(ConfidentialityAck.id)
    )
    for ack in session.scalars(signed.execution_options(yield_per=500)):
        yield from ((f"confidentiality_ack:{ack.id}", doubt) for doubt in doubts(ack))


@click.command("verify-signatures")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_appcontext
def verify_signatures(*, as_json: bool) -> None:
    """Check every signature of the undertaking against the text that was signed. Exit code 1 when one does not hold."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND):
        found = [{"record": record, "code": doubt.code, "says": str(doubt.says)} for record, doubt in doubtful(session)]
        count = len(
            session.scalars(select(ConfidentialityAck.id).where(ConfidentialityAck.state == AckState.SIGNED)).all()
        )
    words = _("%(count)s signatures, %(faults)s that do not hold.", count=count, faults=len(found))
    say(words, {"signatures": count, "faults": found}, as_json=as_json)
    if found and not as_json:
        for each in found:
            click.echo(f"{each['record']}: {each['says']}")
    if found:
        raise SystemExit(REFUSED)
