"""Rules: programmes with their published versions, what two versions differ in, and their files."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from despensa.domain.eligibility.difference import differences
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.role import Permission
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.rule_differences import change_rows
from despensa.entrypoints.office.rule_form.begin import tree_of
from despensa.entrypoints.office.rule_form.here import making_here, words_for
from despensa.entrypoints.office.rule_pages import (
    ProgrammeRules,
    RuleComparePage,
    RulesPage,
    VersionRow,
)
from despensa.entrypoints.office.shell import called, instant, may, reach, show
from despensa.records.programmes import queries, rule_versions
from despensa.records.programmes.rule_versions import ProgrammeRow


@door(Permission.SEE_CYCLES)
def rules(request: HttpRequest) -> HttpResponse:
    """Show the programmes in reach with their published rules."""
    writes = reach(request, Permission.RUN_CYCLES) if may(request, Permission.RUN_CYCLES) else None
    sees = reach(request, Permission.SEE_CYCLES)
    page = RulesPage(
        tuple(
            ProgrammeRules(
                row.id,
                called(row.names),
                row.code,
                tuple(
                    VersionRow(one.version, instant(one.published_at), one.hash.hex())
                    for one in rule_versions.versions(row.id)
                ),
                may_write=writes is not None and writes.covers(row.id, row.area),
            )
            for row in rule_versions.programmes()
            if sees.touches(row.id, row.area)
        )
    )
    return show(request, "office/rules.html", "rules", page)


@door(Permission.SEE_CYCLES)
def rule_file(request: HttpRequest, programme_id: UUID, version: int) -> HttpResponse:
    """Give the file of a published version."""
    row = programme_in_reach(request, programme_id, Permission.SEE_CYCLES)
    text = queries.rule_versions(row.id).get(version)
    if text is None:
        raise Http404
    return as_file(text, f"{row.code}-{version}.yaml")


@door(Permission.SEE_CYCLES)
def rule_compare(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """Show two published versions side by side: those asked for, else the last two."""
    row = programme_in_reach(request, programme_id, Permission.SEE_CYCLES)
    texts = queries.rule_versions(row.id)
    if not texts:
        raise Http404
    known = sorted(texts)
    after = _asked(request, "after", known, known[-1])
    before = _asked(request, "before", known, max((v for v in known if v < after), default=after))
    found = differences(parse_text(texts[before]), parse_text(texts[after]))
    names = words_for(making_here(tree_of(texts[after])))
    rows = change_rows(found, names)
    page = RuleComparePage(row.id, called(row.names), before, after, tuple(known), rows)
    return show(request, "office/rule_compare.html", "rules", page)


def programme_in_reach(
    request: HttpRequest, programme_id: UUID, permission: Permission
) -> ProgrammeRow:
    """Return a programme; one out of reach is no page, like one that does not exist."""
    row = next((one for one in rule_versions.programmes() if one.id == programme_id), None)
    within = reach(request, permission)
    if row is None:
        raise Http404
    is_in = within.covers if permission is Permission.RUN_CYCLES else within.touches
    if not is_in(row.id, row.area):
        raise Http404
    return row


def as_file(text: str, name: str) -> HttpResponse:
    """Return a rule file to be kept."""
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(request: HttpRequest, name: str, known: list[int], otherwise: int) -> int:
    asked = request.GET.get(name, "")
    return int(asked) if asked.isdecimal() and int(asked[:9]) in known else otherwise
