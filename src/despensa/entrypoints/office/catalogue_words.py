"""The catalogue of facts in words: what a fact is for, who reads it, and what a version changes."""

from collections.abc import Iterable, Mapping

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext, pgettext_lazy

from despensa.domain.catalogue import Attested, Catalogue, Fact, Purpose, Subject
from despensa.domain.catalogue_change import Difference, What, differences
from despensa.entrypoints.office.catalogue_pages import ChangeRow
from despensa.entrypoints.office.states import State, Word
from despensa.entrypoints.office.words import ROLES

ABOUT: Mapping[Subject, Word] = {
    Subject.REGISTRANT: gettext_lazy("Person"),
    Subject.HOUSEHOLD: gettext_lazy("Household"),
}
PURPOSES: Mapping[Purpose, Word] = {
    Purpose.RULE: pgettext_lazy("purpose of a fact", "a published rule"),
    Purpose.REPORT: pgettext_lazy("purpose of a fact", "a report named in an agreement"),
    Purpose.DELIVERY: pgettext_lazy("purpose of a fact", "delivery"),
}
ATTESTED: Mapping[Attested, Word] = {
    Attested.DECLARED: pgettext_lazy("who says so", "the person"),
    Attested.DOCUMENT: pgettext_lazy("who says so", "a document"),
    Attested.OFFICE: pgettext_lazy("who says so", "the office"),
}
READERS: Mapping[str, Word] = {
    **ROLES,
    "partner": pgettext_lazy("reader of a fact", "a partner, with the person's consent"),
}
WHAT: Mapping[What, Word] = {
    What.ADDED: pgettext_lazy("difference", "new fact"),
    What.ENDED: pgettext_lazy("difference", "ends"),
    What.PURPOSES: pgettext_lazy("difference", "purpose"),
    What.READERS: pgettext_lazy("difference", "who may read it"),
    What.RETENTION: pgettext_lazy("difference", "how long it is kept"),
    What.VALUES: pgettext_lazy("difference", "values"),
    What.ATTESTED: pgettext_lazy("difference", "who says so"),
    What.LABEL: pgettext_lazy("difference", "wording"),
}
FACT_STATES: Mapping[str, State] = {
    "needed": State("done", pgettext_lazy("fact", "needed")),
    "draft": State("information", pgettext_lazy("fact", "waits for a rule")),
    "ending": State("waiting", pgettext_lazy("fact", "no longer needed")),
    "destroyed": State("stopped", pgettext_lazy("fact", "destroyed")),
}
CATALOGUE_MISSING = gettext_lazy("Choose a file first.")
CATALOGUE_UNREADABLE = gettext_lazy("This is no text in UTF-8. Save the file as UTF-8.")
CATALOGUE_TOO_LARGE = gettext_lazy("The file is too large for a catalogue of facts.")
CATALOGUE_PROBLEMS = gettext_lazy("This file may not become the next version; see below why.")


def label(fact: Fact) -> str:
    """Return what a fact says, in the reader's language."""
    language = (get_language() or "en").partition("-")[0]
    return fact.label.get(language, fact.label["en"])


def purposes(fact: Fact) -> str:
    """Return what a fact is held for."""
    return _listed(PURPOSES[one] for one in fact.purposes)


def readers(fact: Fact) -> str:
    """Return who may read a fact."""
    return _listed(READERS[one] for one in fact.readers)


def kept(fact: Fact) -> str:
    """Return how long a fact stays after its last purpose has ended."""
    days = fact.retention_days
    return ngettext(
        "%(days)s day after its last purpose", "%(days)s days after its last purpose", days
    ) % {"days": days}


def changes(old: Catalogue, new: Catalogue) -> tuple[ChangeRow, ...]:
    """Return what a new version changes, a line for each difference."""
    return tuple(
        ChangeRow(label(one.fact), WHAT[one.what], _part(one, one.before), _part(one, one.after))
        for one in differences(old, new)
    )


def _part(difference: Difference, fact: Fact | None) -> Word:
    if fact is None:
        return ""
    match difference.what:
        case What.ADDED | What.ENDED:
            return gettext("for %(purposes)s; read by: %(readers)s") % {
                "purposes": purposes(fact),
                "readers": readers(fact),
            }
        case What.PURPOSES:
            return purposes(fact)
        case What.READERS:
            return readers(fact)
        case What.RETENTION:
            return kept(fact)
        case What.VALUES:
            return _values(fact)
        case What.ATTESTED:
            return _listed(ATTESTED[one] for one in fact.attested_by)
        case What.LABEL:
            return label(fact)


def _values(fact: Fact) -> str:
    """Return what a fact takes; only choices and numbers ever come to take more."""
    if fact.values:
        language = (get_language() or "en").partition("-")[0]
        return _listed(
            fact.value_labels.get(value, {}).get(language, value) for value in fact.values
        )
    bounds = (fact.minimum, fact.maximum)
    low, high = ("…" if one is None else number_format(one) for one in bounds)
    return gettext("from %(low)s to %(high)s") % {"low": low, "high": high}


def _listed(words: Iterable[Word]) -> str:
    return gettext(", ").join(map(str, words))
