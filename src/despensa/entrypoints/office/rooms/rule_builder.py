"""The rule builder: write a draft, count it while writing, look at all of it, propose it."""

from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from despensa.domain.eligibility import sketch
from despensa.domain.eligibility.document import CHARACTERS_MAX, Problem, RuleError, read_document
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import located, parse, parse_text
from despensa.domain.eligibility.preview import PREVIEWS_A_DAY
from despensa.domain.eligibility.publication import counting_problems, publishing_problems
from despensa.domain.eligibility.rewrite import rewritten, written
from despensa.domain.eligibility.rule import NotInForce
from despensa.domain.eligibility.sketch import Tree
from despensa.domain.proposal import Reason
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import drafting, proposing, rounds
from despensa.entrypoints.jobs.actions import PUBLISH_RULE
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rooms.rules import as_file, programme_in_reach
from despensa.entrypoints.office.rule_differences import look_at
from despensa.entrypoints.office.rule_form import counting
from despensa.entrypoints.office.rule_form.begin import OtherShape, new_rule, tree_of
from despensa.entrypoints.office.rule_form.counting import Count
from despensa.entrypoints.office.rule_form.faults import in_file, in_words, placed
from despensa.entrypoints.office.rule_form.here import making_here, spoken, today, units, words_for
from despensa.entrypoints.office.rule_form.posted import Typed, changed, typed_rule, with_unread
from despensa.entrypoints.office.rule_form.sections import sections
from despensa.entrypoints.office.rule_form.unshown import unshown
from despensa.entrypoints.office.rule_pages import (
    CountPanel,
    RuleReviewPage,
    RuleWritePage,
)
from despensa.entrypoints.office.said import said
from despensa.entrypoints.office.shell import called, show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.records.catalogue import queries as catalogue
from despensa.records.programmes import queries
from despensa.records.programmes.preview_store import PreviewsUsedUp
from despensa.records.programmes.rule_versions import ProgrammeRow
from despensa.usecases.preview_rule import DraftFaulty

_WRITE = "office/rule_write.html"
_BYTES_MAX = 4 * CHARACTERS_MAX
_MISSING_SHOWN = 5
_SHOWS_FAULTS = frozenset({"check", "review"})


@door(Permission.RUN_CYCLES)
def rule_write(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """Show the form of a draft; a POST is a press of one of its buttons."""
    row = programme_in_reach(request, programme_id, Permission.RUN_CYCLES)
    if request.method != "POST":
        text = _begun(request, row)
        return _page(request, row, text, Typed(tree_of(text)))
    if "file" in request.FILES:
        return _uploaded(request, row)
    try:
        text, typed = _typed(request)
    except (RuleError, OtherShape) as error:
        return _refused(request, row, tuple(map(in_file, error.problems)))
    do = request.POST.get("do", "")
    if do == "download":
        return as_file(text, f"{row.code}-draft.yaml")
    if do == "review" and not typed.errors and not _problems(text):
        return _review(request, row, text)
    text = rewritten(text, changed(typed.tree, do, today()))
    typed.tree = tree_of(text)
    count = _counted(request, row, typed.tree, text) if do == "count" else None
    return _page(request, row, text, typed, shows_faults=do in _SHOWS_FAULTS, count=count)


@door(Permission.RUN_CYCLES)
def rule_count(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """Give the panel with the count of what the form says now."""
    row = programme_in_reach(request, programme_id, Permission.RUN_CYCLES)
    if request.method != "POST":
        return redirect("office:rule_write", programme_id)
    try:
        text, typed = _typed(request)
    except (RuleError, OtherShape):
        return redirect("office:rule_write", programme_id)
    panel = _counted(request, row, typed.tree, text)
    return render(request, "office/parts/rule_count.html", {"count": panel})


@door(Permission.RUN_CYCLES)
def rule_review(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """Show everything about a draft, or send it to a second person."""
    row = programme_in_reach(request, programme_id, Permission.RUN_CYCLES)
    if request.method != "POST":
        return redirect("office:rule_write", programme_id)
    text = _text(request)
    try:
        tree = tree_of(text)
    except (RuleError, OtherShape):
        # nothing of a form: a request that no page of ours sends
        return redirect("office:rule_write", programme_id)
    if request.POST.get("do") == "back":
        return _page(request, row, text, Typed(tree))
    if _problems(text) or request.POST.get("do") != "propose":
        return _review(request, row, text)
    tools = wiring.tools()
    proposal = proposing.propose_action(
        PUBLISH_RULE,
        Reason.PUBLISHED_PROGRAMME,
        acting=tools.acting(staff_of(request).id),
        scope=(row.id.bytes, None, None),
        parameters=(text,),
        inputs=(rule_hash(parse_text(text)),),
    )
    return redirect("office:proposal", proposal)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n")


def _begun(request: HttpRequest, row: ProgrammeRow) -> str:
    """Return the text a draft begins with: a published version, the last one, or nothing yet."""
    texts = queries.rule_versions(row.id)
    asked = request.GET.get("from", "")
    if not texts or asked == "nothing":
        languages = wiring.tools().workspace.languages
        unit = next(iter(units()), Choice("", "")).value
        tree = new_rule(row.code, row.names, languages, unit, today())
        return written({**tree, "version": max(texts, default=0) + 1})
    version = int(asked) if asked.isdecimal() and int(asked[:9]) in texts else max(texts)
    return _next_version(texts[version], max(texts))


def _next_version(text: str, last: int) -> str:
    return rewritten(text, {**tree_of(text), "version": last + 1})


def _uploaded(request: HttpRequest, row: ProgrammeRow) -> HttpResponse:
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile) or (given.size or 0) > _BYTES_MAX:
        return _refused(request, row, (words.FILE_TOO_LARGE,))
    try:
        text = given.read().decode("utf-8").replace("\r\n", "\n")
        text = _next_version(text, max(queries.rule_versions(row.id), default=0))
    except UnicodeDecodeError:
        return _refused(request, row, (words.FILE_UNREADABLE,))
    except (RuleError, OtherShape) as error:
        return _refused(request, row, tuple(map(in_file, error.problems)))
    return _page(request, row, text, Typed(tree_of(text)), shows_faults=True)


def _refused(request: HttpRequest, row: ProgrammeRow, problems: tuple[Word, ...]) -> HttpResponse:
    """Show a fresh form, and what in a file has no place in one."""
    text = _begun(request, row)
    errors = tuple(FieldError("id_file", problem) for problem in problems)
    return _page(request, row, text, Typed(tree_of(text), errors=list(errors)), status=422)


def _typed(request: HttpRequest) -> tuple[str, Typed]:
    """
    Return the draft as the form says it now. Raises: RuleError; OtherShape.
    """
    before = _text(request)
    typed = typed_rule(tree_of(before), request.POST, catalogue.in_force(), units(), today())
    return rewritten(before, typed.tree), typed


def _problems(text: str) -> tuple[Problem, ...]:
    """Return everything that stands between a draft and its publication."""
    try:
        rule = parse_text(text)
    except RuleError as error:
        return error.problems
    return publishing_problems(rule, catalogue.in_force(), spoken())


def _page(
    request: HttpRequest,
    row: ProgrammeRow,
    text: str,
    typed: Typed,
    *,
    shows_faults: bool = False,
    count: CountPanel | None = None,
    status: int = 200,
) -> HttpResponse:
    surroundings = making_here(typed.tree)
    blocks = tuple(with_unread(block, typed) for block in sections(surroundings))
    problems = _problems(text) if shows_faults else ()
    short, long = placed(problems, blocks, words_for(surroundings))
    page = RuleWritePage(
        row.id,
        called(row.names),
        text,
        blocks,
        count or _carried(request, typed.tree),
        parameters=tuple(typed.tree.get("parameters", {})),
        last_version=max(queries.rule_versions(row.id), default=None),
        errors=(*typed.errors, *short),
        summary=(*typed.errors, *long),
        is_checked=shows_faults,
        unshown=tuple(words.PARTS[part] for part in unshown(typed.tree, blocks)),
    )
    if page.errors and status == 200:
        status = 422
    return show(request, _WRITE, "rules", page, status=status)


def _carried(request: HttpRequest, tree: Tree) -> CountPanel:
    """Return the count that the form brought with it."""
    return counting.panel(_count_of(request), effect=sketch.effect(tree))


def _count_of(request: HttpRequest) -> Count | None:
    token = request.POST.get("counted", "")
    return counting.count_of(token, staff=staff_of(request).id, day=wiring.tools().today())


def _counted(request: HttpRequest, row: ProgrammeRow, tree: Tree, text: str) -> CountPanel:
    """Return the count of a draft: the one the form brought when the draft does the same still."""
    effect = sketch.effect(tree)
    known = _count_of(request)
    if known is not None and known.effect == effect:
        return counting.panel(known, effect=effect)
    skeleton = written(sketch.counted_tree(tree))
    faults = _counting_faults(skeleton)
    if faults:
        surroundings = making_here(tree)
        _, long = placed(faults, sections(surroundings), words_for(surroundings))
        return CountPanel("unfinished", missing=long[:_MISSING_SHOWN], missing_total=len(long),
                          token="" if known is None else counting.token_of(known))  # fmt: skip
    tools, person = wiring.tools(), staff_of(request).id
    acting = tools.acting(person)
    told = text if not _counting_faults(text) else skeleton
    try:
        preview, parts, at = drafting.preview(
            told, row.id, tools, acting=acting, at_most_seconds=drafting.GROUND_KEPT_SECONDS
        )
    except PreviewsUsedUp:
        return CountPanel("refused", reason=words.PREVIEWS_USED_UP % {"count": PREVIEWS_A_DAY})
    except NotInForce as error:
        return CountPanel("refused", reason=said(error.fault))
    except DraftFaulty as error:
        return CountPanel("refused", reason="\n".join(in_words(error.problems, making_here(tree))))
    rounds.seal_log(tools)
    count = counting.kept(preview, parts, effect=effect, staff=person, at=at, day=acting.day)
    return counting.panel(count, effect=effect)


def _counting_faults(text: str) -> tuple[Problem, ...]:
    try:
        rule = parse_text(text)
    except RuleError as error:
        return error.problems
    return counting_problems(rule, catalogue.in_force())


def _review(request: HttpRequest, row: ProgrammeRow, text: str) -> HttpResponse:
    document = read_document(text)
    rule = parse(document)
    tree = tree_of(text)
    look = look_at(text, queries.rule_versions(row.id))
    problems = located(_problems(text), document)
    count = _counted(request, row, tree, text)
    page = RuleReviewPage(
        row.id,
        called(row.names),
        called(dict(rule.title)),
        text,
        rule.version,
        look.last_version,
        rule_hash(rule).hex(),
        count,
        changes=look.changes,
        problems=in_words(problems, making_here(tree)),
        warnings=look.warnings,
    )
    return show(request, "office/rule_review.html", "rules", page)
