"""Words about child cycles: what each kind is for."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy

from despensa.entrypoints.office.states import Word

# What a child cycle is for.
CHILD_KINDS: Mapping[str, Word] = MappingProxyType(
    {
        "late": gettext_lazy("Late entrants"),
        "follow-up": gettext_lazy("Follow-up"),
        "top-up": gettext_lazy("Top-up"),
        "recovery": gettext_lazy("Recovery"),
        "appeal": gettext_lazy("Upheld appeals"),
    }
)
CHILD_NOTES: Mapping[str, Word] = MappingProxyType(
    {
        "late": gettext_lazy(
            "Households that registered or changed after the facts were frozen. The same rule "
            "decides, and nobody gets the same benefit twice."
        ),
        "follow-up": gettext_lazy("Gives once more, beside what the cycle gave."),
        "top-up": gettext_lazy(
            "Gives what is missing: the rule decides on the facts as they are known now."
        ),
        "recovery": gettext_lazy(
            "Says what was given beyond the right. Nothing is taken from anybody's food by it."
        ),
        "appeal": gettext_lazy(
            "Gives what the households should have got: the rule decides on the facts as they "
            "were put right."
        ),
    }
)
LINE_NAME = gettext_lazy(
    "Write the name of the line in small letters, digits and hyphens, at most 32."
)
