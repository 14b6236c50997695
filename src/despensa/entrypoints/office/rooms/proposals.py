"""Proposals: read one, approve exactly its hash as a second person, or refuse it."""

from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from despensa.domain.proposal import ApprovalInvalid, ApprovalKind, Proposal, parse
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import actions, progress, worker
from despensa.entrypoints.office import passkey_approval
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.parts import Choice, FieldError, JobProgress
from despensa.entrypoints.office.rooms import proposal_words
from despensa.entrypoints.office.rooms.catalogue import changes_of
from despensa.entrypoints.office.rule_differences import look_at
from despensa.entrypoints.office.rule_pages import RuleLook
from despensa.entrypoints.office.shell import instant, reach, show, staff_of
from despensa.entrypoints.office.states import JOB_STATES, PROPOSAL_STATES, State, Word
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import (
    ACTIONS,
    ALREADY_DECIDED,
    APPROVED_NOTICE,
    BEGINS_SOON,
    HASH_CHANGED,
    JOBS,
    NO_DECIDER,
    NOT_CONFIRMED,
    OWN_PROPOSAL,
    PASSKEY_FAILED,
    PROPOSAL_EXPIRED,
    REASON_MISSING,
    REFUSAL_REASONS,
    REFUSED_ELSEWHERE,
    REFUSED_NOTICE,
    STORED_REASONS,
    TOO_MANY_TRIES,
)
from despensa.entrypoints.office.work_pages import ProposalPage, ProposalRow, ProposalsPage
from despensa.entrypoints.second_factor import NotConfirmed, confirm
from despensa.records.corrections import queries as corrections
from despensa.records.households import queries as households
from despensa.records.programmes import queries as programmes
from despensa.records.programmes import rule_versions
from despensa.records.proposals import queries
from despensa.records.staff import queries as staff
from despensa.usecases.approve import OwnProposal, approve
from despensa.usecases.refuse_proposal import NeedsReason, refuse_proposal

WAIT_SECONDS = 4.0
_WAITING, _APPROVED, _REFUSED = 1, 2, 3
_STATE_NAMES = {2: "approved", 3: "refused", 4: "used"}
_JOB_WORDS = {
    actions.IMPORT: "write",
    actions.PUBLISH_RULE: "publish",
    actions.PUBLISH_CATALOGUE: "catalogue",
    actions.ISSUE_CARDS: "print",
    actions.OPEN_CYCLE: "open",
    proposal_words.ADD_STAFF: "staff",
}
Errors = tuple[FieldError, ...]


@door(Permission.SEE_PROPOSALS)
def proposals(request: HttpRequest) -> HttpResponse:
    """Show what waits, what the reader may decide first, and what was decided."""
    own = staff_of(request).id
    in_reach = reach(request, Permission.SEE_PROPOSALS)
    waiting, waiting_turns = turned(
        request,
        lambda limit, turn: queries.waiting(limit, reach=in_reach, turn=turn),
        _place,
        name="waiting_",
    )
    finished, turns = turned(
        request,
        lambda limit, turn: queries.finished(limit, reach=in_reach, turn=turn),
        _place,
    )
    names = staff.names(
        {person for view in (*waiting, *finished) for person in (view.creator, *_decided(view)[:1])}
    )
    page = ProposalsPage(
        waiting=tuple(
            _row(view, names, own) for view in sorted(waiting, key=lambda view: view.creator == own)
        ),
        finished=tuple(_row(view, names, own) for view in finished),
        turns=turns,
        waiting_turns=waiting_turns,
    )
    return show(request, "office/proposals.html", "proposals", page)


def _place(view: queries.ProposalView) -> tuple[int, UUID]:
    return view.created_at, view.id


def _decided(view: queries.ProposalView) -> tuple[UUID, int] | tuple[()]:
    """Return who decided and when; nothing while it waits, or when its time ran out."""
    if view.refused_by is not None and view.refused_at is not None:
        return view.refused_by, view.refused_at
    if view.approver is not None and view.approved_at is not None:
        return view.approver, view.approved_at
    return ()


@door(Permission.SEE_PROPOSALS)
def proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Show one proposal."""
    view = _view(request, proposal_id, Permission.SEE_PROPOSALS)
    return show(request, "office/proposal.html", "proposals", _page(request, view))


@door(Permission.DECIDE_PROPOSALS)
def proposal_approve(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Approve the proposal whose hash was shown."""
    view = _view(request, proposal_id, Permission.DECIDE_PROPOSALS)
    if request.method != "POST":
        return redirect("office:proposal", proposal_id)
    errors = _approved(request, view)
    if errors:
        page = _page(request, view, errors)
        return show(request, "office/proposal.html", "proposals", page, status=422)
    helper = worker.running()
    if helper is not None:
        helper.wake(wait_seconds=WAIT_SECONDS)
    messages.success(request, str(APPROVED_NOTICE))
    return redirect("office:proposal", proposal_id)


@door(Permission.DECIDE_PROPOSALS)
def proposal_refuse(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Close the proposal without doing it."""
    view = _view(request, proposal_id, Permission.DECIDE_PROPOSALS)
    if request.method != "POST":
        return redirect("office:proposal", proposal_id)
    reason = request.POST.get("reason", "")
    errors = _hash_errors(request, view)
    if reason not in REFUSAL_REASONS:
        errors = (FieldError("id_refuse_reason", REASON_MISSING),)
    if not errors:
        tools = wiring.tools()
        try:
            refuse_proposal(
                proposal_id,
                acting=tools.acting(staff_of(request).id),
                staging=tools.keeper.staging,
                reason=reason,
            )
        except NeedsReason:
            errors = (FieldError("hash_title", REFUSED_ELSEWHERE),)
        except RuntimeError:
            errors = (FieldError("hash_title", ALREADY_DECIDED),)
    if errors:
        page = _page(request, view, errors)
        return show(request, "office/proposal.html", "proposals", page, status=422)
    messages.info(request, str(REFUSED_NOTICE))
    return redirect("office:proposal", proposal_id)


def _approved(request: HttpRequest, view: queries.ProposalView) -> Errors:
    """Confirm the person and record the approval; return what stood in the way."""
    errors = _hash_errors(request, view)
    if errors:
        return errors
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        return (FieldError("id_code", TOO_MANY_TRIES),)
    tools, person = wiring.tools(), staff_of(request).id
    answer = request.POST.get("passkey", "")
    assertion = None
    if answer:
        assertion = passkey_approval.verified(request, answer, view.hash)
        if assertion is None:
            return (FieldError("id_password", PASSKEY_FAILED),)
    else:
        try:
            code = "".join(request.POST.get("code", "").split())
            confirm(person, request.POST.get("password", ""), code)
        except NotConfirmed:
            return (FieldError("id_code", NOT_CONFIRMED),)
    try:
        approve(
            view.id,
            seen_hash=view.hash,
            kind=ApprovalKind.PASSWORD_AND_CODE if assertion is None else ApprovalKind.PASSKEY,
            assertion=assertion,
            acting=tools.acting(person),
            signatory=tools.keeper.signatory,
        )
    except OwnProposal:
        return (FieldError("hash_title", OWN_PROPOSAL),)
    except OutOfReach:
        return (FieldError("hash_title", NO_DECIDER),)
    except ApprovalInvalid:
        return (FieldError("hash_title", PROPOSAL_EXPIRED),)
    except RuntimeError:
        return (FieldError("hash_title", ALREADY_DECIDED),)
    return ()


def _hash_errors(request: HttpRequest, view: queries.ProposalView) -> Errors:
    if request.POST.get("hash", "") != view.hash.hex():
        return (FieldError("hash_title", HASH_CHANGED),)
    return ()


def _view(request: HttpRequest, proposal_id: UUID, needed: Permission) -> queries.ProposalView:
    """Return a proposal; one out of reach is no page, like one that does not exist."""
    view = queries.proposal(proposal_id)
    if view is None or not reach(request, needed).covers(view.programme, view.area):
        raise Http404
    return view


def _state(view: queries.ProposalView) -> State:
    if view.state == _WAITING:
        is_over = view.expires_at <= wiring.tools().now()
        return PROPOSAL_STATES["expired" if is_over else "waiting"]
    if view.state == _REFUSED and view.refused_by is None:
        return PROPOSAL_STATES["expired"]
    return PROPOSAL_STATES[_STATE_NAMES.get(view.state, "expired")]


def _row(view: queries.ProposalView, names: dict[UUID, str], own: UUID) -> ProposalRow:
    decided = _decided(view)
    return ProposalRow(
        proposal_id=view.id,
        action_word=ACTIONS[view.action],
        summary=proposal_words.described(view),
        creator_name=names.get(view.creator, ""),
        created_at=instant(view.created_at),
        expires_at=instant(view.expires_at),
        state=_state(view),
        is_own=view.creator == own,
        decided_by=names.get(decided[0], "") if decided else "",
        decided_at=instant(decided[1]) if decided else None,
    )


def _page(request: HttpRequest, view: queries.ProposalView, errors: Errors = ()) -> ProposalPage:
    content = parse(view.canonical)
    decided = _decided(view)
    names = staff.names({view.creator, *decided[:1]})
    why_not = _why_not(request, view)
    may_decide = view.state == _WAITING and not why_not
    return ProposalPage(
        proposal_id=view.id,
        action_word=ACTIONS[view.action],
        creator_name=names.get(view.creator, ""),
        created_at=instant(view.created_at),
        expires_at=instant(view.expires_at),
        scope=proposal_words.scope(content),
        reason=STORED_REASONS[int(content.reason)],
        hash_hex=view.hash.hex(),
        state=_state(view),
        totals=proposal_words.totals(content),
        parameters=proposal_words.parameters(content),
        inputs=tuple(digest.hex() for digest in content.inputs),
        outputs=proposal_words.outputs(content),
        may_decide=may_decide,
        why_not=why_not if view.state == _WAITING else "",
        refuse_reasons=tuple(Choice(code, word) for code, word in REFUSAL_REASONS.items()),
        passkey=passkey_approval.challenge(request, view.hash) if may_decide else None,
        decided_by=names.get(decided[0], "") if decided else "",
        decided_at=instant(decided[1]) if decided else None,
        refusal=REFUSAL_REASONS.get(view.refusal_reason, ""),
        errors=errors,
        job=_job(view),
        receipt_url=_receipt_url(view),
        changes=changes_of(content.parameters[0])
        if view.action == actions.PUBLISH_CATALOGUE
        else (),
        correction_url=_correction_url(view),
        rule=_rule_look(view, content),
    )


def _rule_look(view: queries.ProposalView, content: Proposal) -> RuleLook | None:
    """Return what a proposed rule changes against the version that was in force before it."""
    if view.action != actions.PUBLISH_RULE or view.programme is None:
        return None
    texts = programmes.rule_versions(view.programme)
    before = {
        one.version: texts[one.version]
        for one in rule_versions.versions(view.programme)
        if one.published_at <= view.created_at
    }
    return look_at(content.parameters[0], before)


def _correction_url(view: queries.ProposalView) -> str:
    """Return where the correction is seen that a proposal is about."""
    correction = None if view.action != actions.CORRECT else corrections.of_proposal(view.id)
    return "" if correction is None else reverse("office:correction", args=[correction])


def _receipt_url(view: queries.ProposalView) -> str:
    """Return where the receipt of a person's erasure is printed, once there is one."""
    if view.action != actions.ERASE or households.erasure_receipt(view.id) is None:
        return ""
    return reverse("office:erasure_receipt", args=[view.id])


def _why_not(request: HttpRequest, view: queries.ProposalView) -> Word:
    if view.expires_at <= wiring.tools().now():
        return PROPOSAL_EXPIRED
    if view.creator == staff_of(request).id:
        return OWN_PROPOSAL
    may_decide = reach(request, Permission.DECIDE_PROPOSALS).covers(view.programme, view.area)
    return "" if may_decide else NO_DECIDER


def _job(view: queries.ProposalView) -> JobProgress | None:
    """Return how far an approved proposal is; it is shown until it is done."""
    if view.state != _APPROVED:
        return None
    helper = worker.running()
    problem = "" if helper is None else helper.problem(view.id)
    seen = progress.of(view.id)
    people = dict(parse(view.canonical).totals).get("people", 0)
    done, rate = (0, 0) if seen is None else (min(seen.done, people), seen.per_second)
    return JobProgress(
        word=JOBS[_JOB_WORDS.get(view.action, "write")],
        done=done,
        total=people if seen is not None else 0,
        per_second=rate or None,
        seconds_left=(people - done) // rate or None if rate else None,
        state=JOB_STATES["stopped" if problem else "running"],
        is_running=not problem,
        problem=problem or (BEGINS_SOON if seen is None else ""),
    )
