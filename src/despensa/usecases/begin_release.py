"""
Begin a release two people agreed to: it gets its number and the checkpoint it proves under.

0 approved, unused? · 1 is it what was approved, and may it still be made? · 2 write the release and its
leaf. Made again after a crash it has the same number and proves the same. The second stage makes the
file, the third says that it is ready (`finish_release`). Source: docs/explanation/design.md, section 5.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.proposal import ApprovalInvalid, Mandate, parse
from despensa.domain.release.package import ACTION, check_terms, package_terms
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.releases import store

STAGE = "release_begun"


class NoReleasesAlone(RuntimeError):
    """Where one person runs the workspace nothing about people leaves it."""


def begin_release(mandate: Mandate, *, checkpoint: str, acting: Acting) -> UUID:
    """
    Return the id of the release an approved proposal names; again is the same one.

    Raises: NoReleasesAlone; ReleaseWrong; AlreadyUsed; ApprovalInvalid and the errors of
        `check_mandate`.
    """
    if mandate.single_operator:
        raise NoReleasesAlone("One person runs this workspace: nothing about people may leave it.")
    with transaction.atomic(using=REGISTRY):
        release = UUID(bytes=parse(mandate.canonical).proposal_id)
        if not journal_store.begin_stage(REGISTRY, release, STAGE, 0, now=acting.at):
            mandates.continue_in_registry(mandate, action=ACTION, acting=acting)
            return release
        approved = mandates.begin_in_registry(mandate, action=ACTION, acting=acting)
        terms, cycle = package_terms(approved.parameters), approved.scope[2]
        check_terms(terms, today=acting.day)
        if cycle is None:
            raise ApprovalInvalid("the proposal names no cycle")
        new = store.NewRelease(
            id=release,
            kind=store.PACKAGE,
            cycle=UUID(bytes=cycle),
            recipient=terms.recipient,
            key=terms.key,
            reason=int(approved.reason),
            destroy_by=terms.destroy_by,
            checkpoint=checkpoint,
        )
        number = store.begin(new, now=acting.at)
        rows = [(release.bytes, store.columns(new, number))]
        journal_store.record_closed(REGISTRY, ACTION, acting, "release", rows, proposal=release)
    return release
