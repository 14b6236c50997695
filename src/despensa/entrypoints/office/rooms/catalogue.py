"""The catalogue of facts: read by everybody who reads the log, changed by two people."""

from datetime import date, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from despensa.domain.catalogue import Catalogue, CatalogueError, Fact
from despensa.domain.catalogue_change import CHARACTERS_MAX, read_catalogue
from despensa.domain.retention import Ending
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import cataloguing
from despensa.entrypoints.office import catalogue_words as words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.catalogue_pages import (
    CatalogueNewPage,
    CataloguePage,
    ChangeRow,
    DestroyedFactRow,
    FactRow,
)
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.said import said
from despensa.entrypoints.office.shell import instant, may, reach, show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.records.catalogue import queries
from despensa.usecases.destroy_ended_facts import facts_without_purpose
from despensa.usecases.publish_catalogue import CatalogueRefused, preview_catalogue

_BYTES_MAX = 4 * CHARACTERS_MAX


class _Unusable(Exception):
    """What was sent is no file of a catalogue; `word` says why."""

    def __init__(self, word: Word) -> None:
        super().__init__(str(word))
        self.word = word


@door(Permission.SEE_LOG)
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show which facts may be known, what for, who reads them and how long they stay."""
    tools, latest, version = wiring.tools(), queries.latest(), queries.versions()[-1]
    acting = tools.acting(None)
    ending = {one.fact.name: one for one in facts_without_purpose(acting)}
    gone = queries.destroyed()
    closed = {row.name for row in gone if row.version == latest.version}
    sees_counts = reach(request, Permission.SEE_LOG).is_everything
    page = CataloguePage(
        name=latest.name,
        version=latest.version,
        published_at=instant(version.published_at),
        hash_hex=version.hash.hex(),
        facts=tuple(
            _row(fact, ending.get(fact.name), closed, acting.day) for fact in _all(latest, ending)
        ),
        destroyed=tuple(
            DestroyedFactRow(
                row.name,
                instant(row.at),
                row.values if sees_counts else None,
                acting.day_of(row.at) + timedelta(days=tools.backup_days),
            )
            for row in gone
            if row.values or row.version == max(r.version for r in gone if r.name == row.name)
        ),
        may_propose=may(request, Permission.RUN_CYCLES)
        and reach(request, Permission.RUN_CYCLES).is_everything,
    )
    return show(request, "office/catalogue.html", "log", page)


@door(Permission.SEE_LOG)
def catalogue_file(_request: HttpRequest) -> HttpResponse:
    """Give the file of the version in force, to begin the next one with."""
    version = queries.versions()[-1]
    response = HttpResponse(version.text, content_type="application/yaml; charset=utf-8")
    name = f"despensa-catalogue-{version.version}.yaml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@door(Permission.RUN_CYCLES)
def catalogue_new(request: HttpRequest) -> HttpResponse:
    """Look into a file, show what it would change, and send it to a second person."""
    if request.method != "POST":
        return _asked(request)
    acting = wiring.tools().acting(staff_of(request).id)
    try:
        text = request.POST.get("text") or _sent(request)
        if "propose" in request.POST:
            return redirect("office:proposal", cataloguing.propose(text, acting=acting))
        new = preview_catalogue(text, acting=acting)
    except _Unusable as error:
        return _asked(request, problem=error.word)
    except (CatalogueError, CatalogueRefused) as error:
        return _asked(
            request, problem=words.CATALOGUE_PROBLEMS, lines=[said(one) for one in error.faults]
        )
    latest = queries.latest()
    page = CatalogueNewPage(latest.version, words.changes(latest, new), text)
    return show(request, "office/catalogue_new.html", "log", page)


def changes_of(text: str) -> tuple[ChangeRow, ...]:
    """Return what a proposed version changes, against the one it was made from."""
    new = read_catalogue(text)
    before = [row for row in queries.versions() if row.version < new.version]
    return words.changes(read_catalogue(before[-1].text), new) if before else ()


def _asked(
    request: HttpRequest, problem: Word = "", lines: list[str] | None = None
) -> HttpResponse:
    page = CatalogueNewPage(
        queries.latest().version,
        problems=tuple(lines or ()),
        errors=(FieldError("id_file", problem),) if problem else (),
    )
    status = 422 if problem else 200
    return show(request, "office/catalogue_new.html", "log", page, status=status)


def _sent(request: HttpRequest) -> str:
    """Return the text of the file that was sent. Raises: _Unusable."""
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise _Unusable(words.CATALOGUE_MISSING)
    if (given.size or 0) > _BYTES_MAX:
        raise _Unusable(words.CATALOGUE_TOO_LARGE)
    try:
        return given.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Unusable(words.CATALOGUE_UNREADABLE) from error


def _all(latest: Catalogue, ending: dict[str, Ending]) -> list[Fact]:
    """Return the facts of the version in force, then those that ended and are still held."""
    left = [one.fact for one in ending.values() if latest.get(one.fact.name) is None]
    return [*latest.facts, *left]


def _row(fact: Fact, ending: Ending | None, closed: set[str], today: date) -> FactRow:
    name = "needed" if ending is None or ending.on > today else "ending"
    if ending is not None and ending.is_draft:
        name = "draft"
    if fact.name in closed:
        name = "destroyed"
    return FactRow(
        name=fact.name,
        label=words.label(fact),
        about=words.ABOUT[fact.subject],
        purposes=words.purposes(fact),
        readers=words.readers(fact),
        kept=words.kept(fact),
        state=words.FACT_STATES[name],
        goes_on=None if ending is None else ending.due,
    )
