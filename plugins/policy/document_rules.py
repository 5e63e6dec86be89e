"""What a version of a document must be (ORG-8)."""

from engine.rules import EDIT, Facts, Verdict, rule
from models.policy import DocumentState, PolicyDocument
from models.words import _


@rule(
    "ORG-8",
    PolicyDocument,
    field="main_change",
    says=_("Say what the main change is, so that people know what to read."),
)
def main_change_is_stated(document: PolicyDocument, facts: Facts) -> Verdict:
    """A version without its main change cannot be told to anybody."""
    return bool(document.main_change and document.main_change.strip())


@rule(
    "ORG-8",
    PolicyDocument,
    field="effective_on",
    changed=("effective_on", "changed_on"),
    says=_("A version takes effect on or after the day it was changed (%(changed)s)."),
)
def effect_follows_change(document: PolicyDocument, facts: Facts) -> Verdict:
    """No version is in effect before it was written."""
    return document.effective_on >= document.changed_on or {"changed": document.changed_on}


@rule(
    "ORG-8",
    PolicyDocument,
    on=frozenset({EDIT}),
    changed=("code", "name", "edition", "main_change", "body", "effective_on"),
    says=_("A reviewed version is not edited: return it to draft first, and have it reviewed again."),
)
def reviewed_text_stays(document: PolicyDocument, facts: Facts) -> Verdict:
    """What takes effect is what was reviewed."""
    return document.state is not DocumentState.REVIEWED


DOCUMENT_RULES = (main_change_is_stated, effect_follows_change, reviewed_text_stays)
