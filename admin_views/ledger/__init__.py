"""The department's ledger: what is missing today, whose it is, how late, and whether it was reminded of.

- `page`: the list, one obligation, and releasing somebody from it
- `finding`: the filters and the figures on top
- `file`: the list as a table to take away
"""

from admin_views.ledger.page import views

__all__ = ["views"]
