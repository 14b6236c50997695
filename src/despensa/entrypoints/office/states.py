"""
The states that the office shows, each as a shape, a word and a colour.

A state is never colour alone: the four kinds below are the only ones, on every page. The tables
map the stored state of a thing to its kind and to the word a clerk would use; a view looks its
word up here, so that the same thing has the same word everywhere and the translators see it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

Word = str | Promise
Kind = Literal["done", "waiting", "stopped", "information"]

SHAPES: Mapping[Kind, str] = MappingProxyType(
    {"done": "●", "waiting": "▲", "stopped": "■", "information": "◆"}
)


@dataclass(frozen=True, slots=True)
class State:
    """
    What the state pill shows: the kind decides shape and colour, the word says it.

    >>> State("waiting", "12 not sent").shape
    '▲'
    """

    kind: Kind
    word: Word

    @property
    def shape(self) -> str:
        """Return the sign that stands for the kind, also without colour."""
        return SHAPES[self.kind]


def isolated(part: object) -> str:
    """Return a part of a sentence whose direction leaves the order of the other parts alone."""
    return f"\u2068{part}\u2069"


CYCLE_STATES: Mapping[str, State] = MappingProxyType(
    {
        "withdrawn": State("stopped", pgettext_lazy("cycle", "withdrawn")),
        "draft": State("information", pgettext_lazy("cycle", "draft")),
        "decided": State("waiting", pgettext_lazy("cycle", "decided")),
        "approved": State("information", pgettext_lazy("cycle", "approved")),
        "open": State("done", pgettext_lazy("cycle", "open")),
        "closed": State("stopped", pgettext_lazy("cycle", "closed")),
        "settled": State("information", pgettext_lazy("cycle", "settled")),
        "fading": State("waiting", pgettext_lazy("cycle", "fading to totals")),
        "faded": State("information", pgettext_lazy("cycle", "faded to totals")),
    }
)

OUTCOME_STATES: Mapping[str, State] = MappingProxyType(
    {
        "entitled": State("done", gettext_lazy("entitled")),
        "not_entitled": State("stopped", gettext_lazy("not entitled")),
        "needs_information": State("waiting", gettext_lazy("needs information")),
        "undecided": State("information", gettext_lazy("not decided yet")),
    }
)

CARD_STATES: Mapping[str, State] = MappingProxyType(
    {
        "printed": State("waiting", pgettext_lazy("card", "printed, not handed over")),
        "unassigned": State("information", pgettext_lazy("card", "printed, unassigned")),
        "handed_over": State("done", pgettext_lazy("card", "handed over")),
        "active": State("done", pgettext_lazy("card", "active")),
        "replaced": State("information", pgettext_lazy("card", "replaced")),
        "dead": State("stopped", pgettext_lazy("card", "no longer valid")),
    }
)

BATCH_STATES: Mapping[str, State] = MappingProxyType(
    {
        "waiting": State("waiting", pgettext_lazy("batch", "waiting")),
        "printing": State("waiting", pgettext_lazy("batch", "being made")),
        "ready": State("done", pgettext_lazy("batch", "sheet ready")),
        "counted": State("information", pgettext_lazy("batch", "counted, file destroyed")),
        "failed": State("stopped", pgettext_lazy("batch", "codes not readable")),
    }
)

IMPORT_STATES: Mapping[str, State] = MappingProxyType(
    {
        "reading": State("waiting", pgettext_lazy("import", "being read")),
        "unreadable": State("stopped", pgettext_lazy("import", "could not be read")),
        "preview": State("information", pgettext_lazy("import", "to be checked")),
        "proposed": State("waiting", pgettext_lazy("import", "waits for a second person")),
        "writing": State("waiting", pgettext_lazy("import", "being written")),
        "done": State("done", pgettext_lazy("import", "in the register")),
        "undone": State("stopped", pgettext_lazy("import", "undone")),
        "refused": State("stopped", pgettext_lazy("import", "refused")),
        "expired": State("stopped", pgettext_lazy("import", "nobody decided in time")),
        "discarded": State("stopped", pgettext_lazy("import", "discarded")),
        "failed": State("stopped", pgettext_lazy("import", "failed, nothing written")),
    }
)

# the title over the totals of a file, for each state that has any
IMPORT_TOTALS: Mapping[str, Word] = MappingProxyType(
    {
        "preview": gettext_lazy("What comes in"),
        "proposed": gettext_lazy("What comes in"),
        "writing": gettext_lazy("What is coming in"),
        "done": gettext_lazy("What came in"),
        "undone": gettext_lazy("What came in and was taken back"),
        "refused": gettext_lazy("What would have come in"),
        "expired": gettext_lazy("What would have come in"),
    }
)

# what a household of a file became (records.registry.models.ImportPair)
IMPORT_EFFECTS: Mapping[int, State] = MappingProxyType(
    {
        1: State("done", pgettext_lazy("household of a file", "new")),
        2: State("waiting", pgettext_lazy("household of a file", "updated")),
        3: State("information", pgettext_lazy("household of a file", "same as before")),
        4: State("stopped", pgettext_lazy("household of a file", "left as it is")),
    }
)

PROPOSAL_STATES: Mapping[str, State] = MappingProxyType(
    {
        "waiting": State("waiting", pgettext_lazy("proposal", "waiting")),
        "approved": State("done", pgettext_lazy("proposal", "approved")),
        "used": State("done", pgettext_lazy("proposal", "carried out")),
        "refused": State("stopped", pgettext_lazy("proposal", "refused")),
        "expired": State("stopped", pgettext_lazy("proposal", "expired")),
    }
)

POINT_STATES: Mapping[str, State] = MappingProxyType(
    {
        "up_to_date": State("done", pgettext_lazy("point", "up to date")),
        "not_sent": State("waiting", pgettext_lazy("point", "events not sent")),
        "not_open": State("information", pgettext_lazy("point", "not open yet")),
        "closed": State("information", pgettext_lazy("point", "closed")),
        "phone_lost": State("stopped", pgettext_lazy("point", "phone lost")),
    }
)

CHECK_STATES: Mapping[str, State] = MappingProxyType(
    {
        "holds": State("done", pgettext_lazy("check", "holds")),
        "broken": State("stopped", pgettext_lazy("check", "does not hold")),
        "not_checked": State("information", pgettext_lazy("check", "not checked yet")),
        "checking": State("waiting", pgettext_lazy("check", "being checked")),
    }
)

JOB_STATES: Mapping[str, State] = MappingProxyType(
    {
        "running": State("waiting", pgettext_lazy("job", "running")),
        "stopped": State("stopped", pgettext_lazy("job", "stopped")),
    }
)
