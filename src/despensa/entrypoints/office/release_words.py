"""The words about what leaves the system by proposal."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy

from despensa.entrypoints.office.states import Word

BREAKDOWNS: Mapping[str, Word] = MappingProxyType(
    {
        "sex": gettext_lazy("sex"),
        "age": gettext_lazy("age"),
        "disability": gettext_lazy("disability"),
        "area": gettext_lazy("area"),
        "item": gettext_lazy("item"),
        "point": gettext_lazy("point"),
    }
)
