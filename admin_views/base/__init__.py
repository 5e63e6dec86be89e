"""The base that every entity's screens stand on. Views are declared with `EntityView`; see docs/views.md."""

from admin_views.base.columns import Computed
from admin_views.base.fields import SeveralField
from admin_views.base.filters import Filter
from admin_views.base.inline import Inline
from admin_views.base.view import EntityView

__all__ = ["Computed", "EntityView", "Filter", "Inline", "SeveralField"]
