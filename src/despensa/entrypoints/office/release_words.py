"""The words about what leaves the system by proposal."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.release.package import Wrong
from despensa.entrypoints.office.states import State, Word

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
# kinds and states as a release stores them
KINDS: Mapping[int, Word] = MappingProxyType(
    {1: gettext_lazy("Package for an auditor"), 2: gettext_lazy("Report of an agreement")}
)
RELEASE_STATES: Mapping[int, State] = MappingProxyType(
    {
        1: State("waiting", pgettext_lazy("release", "being made")),
        2: State("done", pgettext_lazy("release", "ready")),
        3: State("information", pgettext_lazy("release", "destroyed")),
    }
)
ALONE = gettext_lazy("One person runs this workspace: nothing about people may leave it.")
WRONGS: Mapping[Wrong, Word] = MappingProxyType(
    {
        Wrong.RECIPIENT: gettext_lazy("Name the recipient in 1 to 120 characters."),
        Wrong.KEY: gettext_lazy("The key is an X25519 public key as 64 hexadecimal digits."),
        Wrong.DESTROY_BY: gettext_lazy("The day lies after today and within a year."),
        Wrong.NOT_DECIDED: gettext_lazy("The cycle is not decided yet."),
        Wrong.GONE: gettext_lazy(
            "The frozen facts of this cycle were destroyed: no package can be made any more."
        ),
        Wrong.ALONE: ALONE,
        Wrong.WAITING: gettext_lazy("The same of this cycle is proposed already."),
        Wrong.BREAKDOWN: gettext_lazy("Choose at least one breakdown."),
        Wrong.NOT_FOR_REPORTS: gettext_lazy(
            "The catalogue does not hold disability for reports: leave it out, or publish a "
            "catalogue that names this purpose."
        ),
    }
)
