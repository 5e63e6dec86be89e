"""The rulebook: every clause, what holds it, its values in force, how it was kept, and the rows behind each figure.

- `page`: the clauses and the rows behind a figure
- `setting`: a value of the packs with its history, and the form that sets the next one
- `entries`: a value as the controls of that form
- `given`: a sent form as a value
- `words`: what values and their pieces are called
"""

from admin_views.rulebook.page import asked_month, rule_sentences, sentence_of, views
from admin_views.rulebook.words import label_of

__all__ = ["asked_month", "label_of", "rule_sentences", "sentence_of", "views"]
