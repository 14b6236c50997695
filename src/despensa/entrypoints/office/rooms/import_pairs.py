"""One household of a file that was taken in, beside the record it became: each look is written down."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, gettext_lazy

from despensa.domain.catalogue import FactType
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.household_words import ROLES
from despensa.entrypoints.office.pair_pages import ImportPairPage, PairLine, PairPart
from despensa.entrypoints.office.parts import Turns
from despensa.entrypoints.office.shell import called, show, staff_of
from despensa.entrypoints.office.states import IMPORT_EFFECTS, Word
from despensa.entrypoints.office.templatetags.office import day
from despensa.entrypoints.office.templatetags.office import month as month_of
from despensa.entrypoints.office.words import SEXES, TOO_MANY_READS
from despensa.entrypoints.office.work_pages import PairCount
from despensa.records.catalogue.queries import latest
from despensa.records.registry import queries as registry
from despensa.usecases.open_import_pair import (
    NoSuchImportPair,
    OpenedPair,
    PersonPair,
    PersonShown,
    open_import_pair,
)

_NOTES: Mapping[int, Word] = {
    registry.ADDED: gettext_lazy("This record did not exist before the file."),
    registry.UPDATED: gettext_lazy("What the file changed is marked. The rest stayed as it was."),
    registry.SAME: gettext_lazy("The file says what it said before: nothing was changed."),
    registry.LEFT: gettext_lazy(
        "The file says something new that could not be followed: nobody lives there any more, "
        "nobody could collect, or it lies outside the area of this import. Look at it, and record "
        "what is so."
    ),
}
_FORGOTTEN = gettext_lazy(
    "The file changed this household. What stood here before was destroyed when a cycle that counts "
    "it opened; the household's history says what was done."
)
_SEX_NAMES = {1: "male", 2: "female", 3: "other", None: "unknown"}
_YEAR, _MONTH = 1, 2
_FIELDS: tuple[tuple[str, Word], ...] = (
    ("name", gettext_lazy("Name")),
    ("roles", gettext_lazy("Role")),
    ("sex", gettext_lazy("Sex")),
    ("born", gettext_lazy("Born")),
    ("documents", gettext_lazy("Documents")),
    ("phones", gettext_lazy("Phones")),
    ("address", gettext_lazy("Address")),
)


@door(Permission.CHANGE_HOUSEHOLDS)
def import_pair(request: HttpRequest, import_id: UUID, place: int) -> HttpResponse:
    """Show one household of a file before and after it."""
    tools = wiring.tools()
    try:
        opened = open_import_pair(
            import_id,
            place,
            acting=tools.acting(staff_of(request).id),
            vault=tools.keeper.vault,
        )
    except NoSuchImportPair as error:
        raise Http404 from error
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:import_detail", import_id)
    return show(request, "office/import_pair.html", "imports", _page(opened))


def _page(opened: OpenedPair) -> ImportPairPage:
    pair = opened.pair
    file = registry.register_import(pair.register_import, reach=None)
    counts = registry.pair_counts(pair.register_import)
    before, after = registry.neighbours(pair.register_import, pair.place, pair.effect)
    return ImportPairPage(
        import_id=pair.register_import,
        file_name="" if file is None else file.file_name,
        place=pair.place,
        places=sum(count for count, _ in counts.values()),
        effect=IMPORT_EFFECTS[pair.effect],
        note=_NOTES[pair.effect] if opened.is_before_kept else _FORGOTTEN,
        household_id=pair.household,
        number=str(pair.household)[:8],
        is_single=pair.effect != registry.UPDATED or not opened.is_before_kept,
        parts=(_household_part(opened), *(_person_part(one) for one in opened.people)),
        turns=Turns(
            previous_url=_url(pair.register_import, before),
            next_url=_url(pair.register_import, after),
        ),
    )


def pair_counts(import_id: UUID) -> tuple[PairCount, ...]:
    """Return what became of a file's households, each with the page of the first of them."""
    return tuple(
        PairCount(IMPORT_EFFECTS[effect], count, _url(import_id, first))
        for effect, (count, first) in registry.pair_counts(import_id).items()
    )


def _url(import_id: UUID, place: int | None) -> str:
    return "" if place is None else reverse("office:import_pair", args=[import_id, place])


def _household_part(opened: OpenedPair) -> PairPart:
    names = registry.area_names([opened.area_before, opened.household.area])
    place = PairLine(
        gettext("Place"),
        called(names.get(opened.area_before, {})),
        called(names.get(opened.household.area, {})),
    )
    return PairPart(
        gettext("The household"), "", (place, *_facts(opened.facts_before, opened.facts))
    )


def _person_part(one: PersonPair) -> PairPart:
    before, after = _said(one.before), _said(one.after)
    lines = [PairLine(word, before.get(name, ""), after.get(name, "")) for name, word in _FIELDS]
    lines += _facts(
        {} if one.before is None else one.before.facts,
        {} if one.after is None else one.after.facts,
    )
    note = ""
    if one.after is None:
        note = gettext("The file names this person no more: they left on that day.")
    elif one.before is None:
        note = gettext("New with this file.")
    title = (after or before).get("name", "")
    return PairPart(title, note, tuple(line for line in lines if line.before or line.after))


def _said(person: PersonShown | None) -> dict[str, str]:
    if person is None:
        return {}
    return {
        "name": person.name,
        "roles": ", ".join(str(ROLES[role]) for role in person.roles),
        "sex": str(SEXES[_SEX_NAMES[person.sex]]),
        "born": _born(person),
        "documents": ", ".join(sorted(person.documents)),
        "phones": ", ".join(f"\u2066{phone}\u2069" for phone in sorted(person.phones)),
        "address": person.address,
    }


def _born(person: PersonShown) -> str:
    month = person.birth_month
    if month is None:
        return ""
    if person.birth_day is not None:
        return day(date(month.year, month.month, person.birth_day))
    if person.birth_precision == _YEAR:
        return str(month.year)
    return month_of(month)


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[PairLine, ...]:
    catalogue, language = latest(), (get_language() or "en").partition("-")[0]
    found = []
    for fact in catalogue.facts:
        name = fact.name
        if name in before or name in after:
            found.append(
                PairLine(
                    fact.label.get(language, fact.label["en"]),
                    _value(fact.type, fact.value_labels, before.get(name), language),
                    _value(fact.type, fact.value_labels, after.get(name), language),
                )
            )
    return tuple(found)


def _value(
    kind: FactType, labels: Mapping[str, Mapping[str, str]], value: Any, language: str
) -> str:
    if value is None:
        return ""
    if kind is FactType.BOOL:
        return gettext("yes") if value else gettext("no")
    if kind is FactType.INT:
        return number_format(value, force_grouping=True)
    own = labels.get(str(value), {})
    return own.get(language, str(value))
