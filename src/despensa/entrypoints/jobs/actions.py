"""
The action table: which use case carries out which approved proposal.

Each use case checks the approval itself, in its own transaction (`records.mandates`); it is also
looked at here first, so that nothing is opened or signed for what cannot be done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError

from despensa.domain import import_undo
from despensa.domain import proposal as rules
from despensa.domain.card.shop import ShopRefused
from despensa.domain.card_order import order_of
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.publication import publishing_problems
from despensa.domain.identity_order import PaperRefused
from despensa.domain.ports.keeper import StagedFileDamaged
from despensa.domain.registration.staged import (
    StagedUnreadable,
    decode_report,
)
from despensa.domain.role import Role
from despensa.entrypoints.jobs import (
    areas,
    breaking,
    cards,
    collector,
    copying_keys,
    correcting,
    cycle_life,
    deduplicating,
    erasing,
    identity_cards,
    opening,
    partners,
    paying,
    print_shop,
    progress,
    releasing,
    reporting,
    retention,
    rotating,
    undoing,
)
from despensa.entrypoints.jobs.crew import Forks, WorkerFailed
from despensa.entrypoints.jobs.mandate import mandate_of
from despensa.entrypoints.wiring import Tools
from despensa.records import mandates
from despensa.records.bulk import broken_rule
from despensa.records.catalogue import queries as catalogue
from despensa.records.proposals import queries
from despensa.usecases import settle_recovery as recoveries
from despensa.usecases import withdraw_cycle as withdrawal
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.hold_payments import NotHeld
from despensa.usecases.import_register import ApprovedImport, import_register
from despensa.usecases.publish_catalogue import publish_catalogue
from despensa.usecases.publish_rule import publish_rule

IMPORT, PUBLISH_RULE, ADD_STAFF = "import_register", "publish_rule", "add_staff"
PUBLISH_CATALOGUE = "publish_catalogue"
# the database's own rule (records/catalogue/migrations/0002)
FACT_ENDED = "facts_are_of_the_catalogue"
ERASE, CORRECT = erasing.ACTION, correcting.ACTION
ADD_PARTNER = partners.ACTION
UNDO_IMPORT = import_undo.ACTION
FIND_DUPLICATES = deduplicating.ACTION
RELEASE_PACKAGE, RELEASE_REPORT = releasing.ACTION, reporting.ACTION
SETTLE_RECOVERY = recoveries.ACTION
ISSUE_CARDS, OPEN_CYCLE = cards.ACTION, opening.ACTION
CLOSE_CYCLE, BREAK_LEASE = cycle_life.ACTION, breaking.ACTION
WITHDRAW_CYCLE = withdrawal.ACTION


class NotCarriedOut(RuntimeError):
    """The approved action could not be done; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Approved:
    """An approved proposal, verified: its content, its approval and its place in the registry."""

    id: UUID
    proposal: rules.Proposal
    mandate: rules.Mandate
    creator: UUID


def carry_out(proposal_id: UUID, tools: Tools) -> str:
    """
    Do what an approved proposal says and return one line about it.

    Raises: NotCarriedOut; ApprovalInvalid; AlreadyUsed.
    """
    approved = verified(proposal_id, tools)
    action = ACTIONS.get(approved.proposal.action)
    if action is None:
        raise NotCarriedOut(f"No use case carries out {approved.proposal.action}.")
    try:
        return action(approved, tools)
    except IntegrityError as error:
        if broken_rule(error) != FACT_ENDED:
            raise
        raise NotCarriedOut(
            "What was approved holds a fact that the catalogue in force does not hold any more: "
            "nothing was changed. Read the file again and propose it anew."
        ) from error


def verified(proposal_id: UUID, tools: Tools) -> Approved:
    """
    Return an approved proposal whose signed approval fits its content.

    Raises: NotCarriedOut when it is not approved, or was carried out; ApprovalInvalid.
    """
    view = queries.proposal(proposal_id)
    if view is None or view.signed is None:
        raise NotCarriedOut("This proposal is not approved.")
    if view.state == queries.DONE:
        # a process that was killed after the import left the staged file
        tools.keeper.staging.destroy(proposal_id.bytes, at=tools.now())
        erasing.forget_links(tools)
        raise NotCarriedOut("This proposal was carried out before: nothing was changed.")
    mandate = mandate_of(view, tools)
    # an action of several stages that was begun in time may be finished later
    begun = queries.begun_at(proposal_id)
    proposal, approval = rules.check_mandate(
        mandate,
        action=view.action,
        workspace=tools.workspace.workspace_id.bytes,
        now=tools.now() if begun is None else begun,
    )
    mandates.require_approver(proposal, approval, acting=tools.acting(None))
    return Approved(view.id, proposal, mandate, view.creator)


@collector.paused()
def _import(approved: Approved, tools: Tools) -> str:
    parts = tools.keeper.staging.open_parts(approved.id.bytes)
    import_id, _ = approved.proposal.parameters
    progress.begin(approved.id)
    try:
        report = decode_report(next(parts))
        imported = import_register(
            parts,
            ApprovedImport(
                register_import=UUID(bytes=import_id),
                source=report["source"],
                mandate=approved.mandate,
                workspace_area=tools.workspace.country,
                catalogue_version=catalogue.in_force().version,
                places=[(pcode, name) for pcode, name in report["places"]],
            ),
            acting=tools.acting(approved.creator),
            vault=tools.keeper.vault,
            today=tools.today(),
            crew=Forks(),
            told=lambda people: progress.say(approved.id, people),
        )
    except FileNotFoundError as error:
        raise NotCarriedOut("The staged file is gone; stage it again.") from error
    except (StagedFileDamaged, StagedUnreadable, WorkerFailed) as error:
        raise NotCarriedOut(str(error)) from error
    finally:
        progress.end(approved.id)
    tools.keeper.staging.destroy(approved.id.bytes, at=tools.now())
    taken_in = f"{imported.households} households with {imported.people} people taken in"
    if imported.updated_households:
        return f"{taken_in}, {imported.updated_households} households updated"
    return taken_in


def _import_areas(approved: Approved, tools: Tools) -> str:
    try:
        content = tools.keeper.staging.open(approved.id.bytes)
    except FileNotFoundError as error:
        raise NotCarriedOut("The staged table is gone; import it again.") from error
    except StagedFileDamaged as error:
        raise NotCarriedOut(str(error)) from error
    done = areas.carry_out(content, approved.mandate, tools, acting=tools.acting(approved.creator))
    tools.keeper.staging.destroy(approved.id.bytes, at=tools.now())
    return f"{done.added} areas added, {done.changed} changed"


def _publish_rule(approved: Approved, tools: Tools) -> str:
    (text,) = approved.proposal.parameters
    programme = approved.proposal.scope[0]
    if programme is None:
        raise NotCarriedOut("The proposal names no programme.")
    rule = parse_text(text)
    problems = publishing_problems(rule, catalogue.in_force(), tools.workspace.languages)
    if problems:
        raise NotCarriedOut(f"The rule cannot be published: {problems[0]}")
    digest = rule_hash(rule)
    if approved.proposal.inputs != (digest,):
        raise NotCarriedOut("The rule's text is not the one that was approved.")
    publish_rule(
        text,
        rule_hash=digest,
        programme=UUID(bytes=programme),
        mandate=approved.mandate,
        acting=tools.acting(approved.creator),
    )
    return "rule published"


def _publish_catalogue(approved: Approved, tools: Tools) -> str:
    version = publish_catalogue(approved.mandate, acting=tools.acting(approved.creator))
    return f"version {version} of the catalogue is in force"


def _issue_cards(approved: Approved, tools: Tools) -> str:
    order = cards.Order(
        proposal=approved.id,
        mandate=approved.mandate,
        asked=order_of(approved.proposal),
        count=dict(approved.proposal.totals)["cards"],
    )
    batch = cards.issue(order, tools, acting=tools.acting(approved.creator))
    return f"{order.count} cards ready in {batch.name}"


def _issue_identity_cards(approved: Approved, tools: Tools) -> str:
    acting = tools.acting(approved.creator)
    try:
        return identity_cards.carry_out(approved.mandate, tools, acting=acting)
    except PaperRefused as refused:
        raise NotCarriedOut(
            "Nobody of this order waits for an identity card any more."
        ) from refused


def _send_to_shop(approved: Approved, tools: Tools) -> str:
    try:
        return print_shop.carry_out(approved.mandate, tools, acting=tools.acting(approved.creator))
    except ShopRefused as refused:
        raise NotCarriedOut(str(refused)) from refused


def _open_cycle(approved: Approved, tools: Tools) -> str:
    cycle, programme = approved.proposal.scope[2], approved.proposal.scope[0]
    if cycle is None or programme is None:
        raise NotCarriedOut("The proposal names no cycle.")
    order = opening.Order(
        proposal=approved.id,
        mandate=approved.mandate,
        cycle=UUID(bytes=cycle),
        programme=UUID(bytes=programme),
        epoch=approved.proposal.parameters[0],
        totals=approved.proposal.totals,
    )
    opened = opening.open_cycle(order, tools, acting=tools.acting(approved.creator))
    return f"cycle open for {opened} households"


def _close_cycle(approved: Approved, tools: Tools) -> str:
    cycle = approved.proposal.scope[2]
    if cycle is None:
        raise NotCarriedOut("The proposal names no cycle.")
    acting = tools.acting(approved.creator)
    cycle_life.close(UUID(bytes=cycle), tools, acting=acting, mandate=approved.mandate)
    return "cycle closed"


def _break_lease(approved: Approved, tools: Tools) -> str:
    return breaking.carry_out(approved.mandate, tools, acting=tools.acting(approved.creator))


def _withdraw_cycle(approved: Approved, tools: Tools) -> str:
    acting = tools.acting(approved.creator)
    households = withdrawal.withdraw_cycle(approved.mandate, acting=acting)
    # killed here, the regular round destroys them
    retention.destroy_frozen(tools)
    return f"cycle withdrawn: what it decided for {households} households is gone"


def _settle_recovery(approved: Approved, tools: Tools) -> str:
    is_waived = recoveries.settle_recovery(approved.mandate, acting=tools.acting(approved.creator))
    return "nothing is asked back" if is_waived else "what was given too much is asked back"


def _add_staff(approved: Approved, tools: Tools) -> str:
    username, name, language, roles, until_day = approved.proposal.parameters
    programme, area, _ = approved.proposal.scope
    add_staff(
        NewStaff(
            username=username,
            password=None,
            name=name,
            language=language,
            roles=[Role(role) for role in roles],
            area=None if area is None else UUID(bytes=area),
            from_date=tools.today(),
            until_date=date.fromordinal(cards.DAY_ZERO + until_day),
            programme=None if programme is None else UUID(bytes=programme),
        ),
        acting=tools.acting(approved.creator),
        mandate=approved.mandate,
    )
    return f"{username} added; welcome them to give them their first password"


def _erase_person(approved: Approved, tools: Tools) -> str:
    return erasing.carry_out(approved.mandate, tools, acting=tools.acting(approved.creator))


def _correct_record(approved: Approved, tools: Tools) -> str:
    return correcting.carry_out(approved.mandate, tools, acting=tools.acting(approved.creator))


def _add_partner(approved: Approved, tools: Tools) -> str:
    return partners.carry_out(approved.mandate, acting=tools.acting(approved.creator))


@collector.paused()
def _undo_import(approved: Approved, tools: Tools) -> str:
    return undoing.carry_out(approved.mandate, tools, acting=tools.acting(approved.creator))


def _rotate_key(approved: Approved, tools: Tools) -> str:
    return rotating.carry_out(approved.mandate, tools, acting=tools.acting(approved.creator))


def _escrow_keys(approved: Approved, tools: Tools) -> str:
    acting = tools.acting(approved.creator)
    return copying_keys.carry_out(approved.mandate, approved.id, tools, acting=acting)


def _find_duplicates(approved: Approved, tools: Tools) -> str:
    return deduplicating.carry_out(approved.mandate, tools, acting=tools.acting(approved.creator))


def _release_report(approved: Approved, tools: Tools) -> str:
    return reporting.carry_out(approved.mandate, acting=tools.acting(approved.creator))


def _release_package(approved: Approved, tools: Tools) -> str:
    cycle = approved.proposal.scope[2]
    if cycle is None:
        raise NotCarriedOut("The proposal names no cycle.")
    acting = tools.acting(approved.creator)
    return releasing.carry_out(approved.mandate, UUID(bytes=cycle), tools, acting=acting)


def _pay_out(approved: Approved, tools: Tools) -> str:
    try:
        return paying.carry_out(approved.mandate, tools, acting=tools.acting(approved.creator))
    except NotHeld as error:
        raise NotCarriedOut(str(error)) from error


def _resolve_payment(approved: Approved, tools: Tools) -> str:
    return paying.resolve(approved.mandate, tools, acting=tools.acting(approved.creator))


ACTIONS: dict[str, Callable[[Approved, Tools], str]] = {
    IMPORT: _import,
    areas.ACTION: _import_areas,
    PUBLISH_RULE: _publish_rule,
    PUBLISH_CATALOGUE: _publish_catalogue,
    ISSUE_CARDS: _issue_cards,
    identity_cards.ACTION: _issue_identity_cards,
    print_shop.ACTION: _send_to_shop,
    OPEN_CYCLE: _open_cycle,
    CLOSE_CYCLE: _close_cycle,
    BREAK_LEASE: _break_lease,
    SETTLE_RECOVERY: _settle_recovery,
    WITHDRAW_CYCLE: _withdraw_cycle,
    ADD_STAFF: _add_staff,
    ERASE: _erase_person,
    CORRECT: _correct_record,
    ADD_PARTNER: _add_partner,
    UNDO_IMPORT: _undo_import,
    FIND_DUPLICATES: _find_duplicates,
    RELEASE_PACKAGE: _release_package,
    rotating.ACTION: _rotate_key,
    copying_keys.ACTION: _escrow_keys,
    RELEASE_REPORT: _release_report,
    paying.ACTION: _pay_out,
    paying.RESOLVE: _resolve_payment,
}
