"""The one gate: every write of a policy record passes it, whatever door it came through.

It hangs on the session's flush, because a view's own hooks have ways round them. `review` judges, `stamping` fills in
who and when, `diff` tells what changes, `bypass` refuses writes that do not come through the session.
"""

from engine.gate.review import review
from engine.gate.session import GatedSession

__all__ = ["GatedSession", "review"]
