"""What is shown."""

from admin_views.base import EntityView

from .found_item import FoundItem


class FoundItemView(EntityView):
    """Everything that was found."""

    model = FoundItem
    category = "attendance"
    list_columns = ("what", "found_on", "kept_until", "found_by_id", "state")
    form_columns = ("what", "found_on", "kept_until", "found_by_id")
