"""
Publish a new version of the catalogue of facts: what may be known from here on, for all to read.

0 approved, unused? · 1 nobody stores facts meanwhile; load the version in force and the rules in
use · 2 decide · 3 record the version, its leaf and its journal row.
Source: docs/explanation/design.md, section 2.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.catalogue import Catalogue
from despensa.domain.catalogue_change import change_problems, differences, read_catalogue
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.text_fault import Fault
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store, mandates
from despensa.records.catalogue import queries, store
from despensa.records.databases import REGISTRY
from despensa.records.programmes.rule_use import rules_in_use

ACTION = "publish_catalogue"


class CatalogueRefused(RuntimeError):
    """The file may not become the next version; the text lists every reason and how to mend it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the reasons and show them one a line."""
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


def preview_catalogue(text: str, *, acting: Acting) -> Catalogue:
    """
    Return the version a file would publish; nothing is written.

    Raises: CatalogueError when the file has a fault; CatalogueRefused when it may not follow the
        version in force.
    """
    new = read_catalogue(text)
    rules = rules_in_use(acting.day_of, acting.day)
    problems = change_problems(queries.latest(), new, rules)
    if problems:
        raise CatalogueRefused(problems)
    return new


def totals_of(text: str) -> tuple[tuple[str, int], ...]:
    """Return how many facts a version holds, and in how many ways it differs from that in force."""
    new = read_catalogue(text)
    return (("differences", len(differences(queries.latest(), new))), ("facts", len(new.facts)))


def digest_of(text: str) -> bytes:
    """Return the hash under which a version is approved and published."""
    return hashlib.sha256(text.encode()).digest()


def publish_catalogue(mandate: Mandate, *, acting: Acting) -> int:
    """
    Return the number of the version that is in force from now on.

    Raises: CatalogueError; CatalogueRefused; AlreadyUsed; ApprovalInvalid and the errors of
        `check_mandate`.
    """
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        (text,) = approved.parameters
        digest = digest_of(text)
        store.lock()
        new = preview_catalogue(text, acting=acting)
        if approved.inputs != (digest,) or approved.totals != totals_of(text):
            raise ApprovalInvalid("the catalogue changed since this was proposed: propose again")
        proposal = UUID(bytes=approved.proposal_id)
        rows = store.add(
            new.version,
            text=text,
            digest=digest,
            facts=[fact.name for fact in new.facts],
            proposal=proposal,
            now=acting.at,
        )
        journal_store.record(REGISTRY, ACTION, acting, rows, proposal=proposal)
        body = {0: new.name, 1: new.version, 2: digest, 3: text}
        journal_store.announce(
            REGISTRY, ACTION, acting, PublicKind.CATALOGUE, body, proposal=proposal
        )
    return new.version
