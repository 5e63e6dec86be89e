"""CNF-5: a breach is recorded with severity, evidence and measures, handled in time, and closed with its consequences.

A severe one is closed only once dismissal has been proposed, one that breaks the law only once it was handed over to
the authorities.

- `reporting`: who reports it, who handles it
- `rules`, `guards`, `moves`: what may be written, and what leads where
- `duties`: what the handler has to do by when
"""

from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.rules import After, Fill
from models.breach_incident import BreachIncident
from models.words import _
from plugins.breach_incident.duties import DISMISSAL, HAND_OVER, HANDLE
from plugins.breach_incident.moves import MOVES
from plugins.breach_incident.reporting import REPORTED, reporter_and_handler, tell_the_handler
from plugins.breach_incident.rules import CLAUSE, RULES


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="breach_incident",
        label=_("Breaches of confidentiality"),
        built=(CLAUSE,),
        entities=(BreachIncident,),
        fills=(Fill(BreachIncident, reporter_and_handler),),
        afters=(After(BreachIncident, tell_the_handler, changed=("handler_id",)),),
        rules=RULES,
        transitions=MOVES,
        obligations=(HANDLE, DISMISSAL, HAND_OVER),
        notices=(
            Notice(
                REPORTED,
                _("Breach of confidentiality: %(title)s"),
                _("A breach of confidentiality (%(severity)s) was reported and is yours to handle: %(title)s"),
            ),
        ),
    )
