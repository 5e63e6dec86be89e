"""What must not go on as it was when a backup is put back: sessions end, nothing is sent until a person allows it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from engine import audit
from engine.accounts import sessions
from engine.backup import runs
from engine.backup.connecting import own_engine
from engine.backup.restoring import Restored
from engine.backup.taking import Contents
from engine.notices.pausing import pause_sending
from engine.search.rebuilding import catch_up
from models.accounts import EndReason
from models.backup import RunKind
from models.notification import PauseReason

Say = Callable[[str, int], object]


def settle(session: Session, contents: Contents) -> None:
    """Inside the restore's transaction; needs an actor. A message may have left since the backup: a person decides."""
    sessions.end_everyone(session, EndReason.RESTORED)
    pause_sending(session, PauseReason.RESTORED, contents.head.made_at)
    run = runs.begun(RunKind.RESTORE)
    runs.note_restored(run, Restored(contents))
    session.add(run)
    made_at = datetime.fromisoformat(contents.head.made_at)
    audit.note(session, "restore", "backup_run", None, "", {"made_at": [None, made_at], "rows": [None, run.rows]})


def rebuild_search(url: str, say: Say) -> None:
    """The index is not in a backup: it is made again from the records."""
    with Session(own_engine(url), autoflush=False) as session:
        catch_up(session, say)
