"""
Make the report of an agreement that two people agreed to: counted, numbered, kept until its day.

0 approved, unused? · 1 may it be made, and is what is counted what was agreed to? · 2 count in whole
sets · 3 write it with its leaves. Source: docs/explanation/design.md, section 9.
"""

import hashlib
import json
from datetime import date
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.catalogue import Catalogue
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.release.report import ACTION, check_report, report_terms
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries as programmes
from despensa.records.releases import report_queries, store

_DAY_ZERO = date(1970, 1, 1).toordinal()


class NoReportsAlone(RuntimeError):
    """Where one person runs the workspace no report of an agreement leaves it."""


def make_report(mandate: Mandate, *, acting: Acting, catalogue: Catalogue) -> int:
    """
    Return the number of the report that an approved proposal names.

    Raises: NoReportsAlone; ReleaseWrong; AlreadyUsed; ApprovalInvalid, also when it would be about
        other households than those agreed to.
    """
    if mandate.single_operator:
        raise NoReportsAlone("One person runs this workspace: no report of people leaves it.")
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        terms, place = report_terms(approved.parameters), approved.scope[2]
        check_report(terms, today=acting.day, catalogue=catalogue)
        cycle = None if place is None else programmes.cycle(UUID(bytes=place))
        if cycle is None:
            raise ApprovalInvalid("the proposal names no cycle")
        if dict(approved.totals) != {"households": report_queries.planned_households(cycle.id)}:
            raise ApprovalInvalid("the households of the cycle are others than those agreed to")
        found = report_queries.counted(cycle.id, cycle.reference_date, terms.breakdowns)
        content = {"format": 1, "counted_on": acting.day.isoformat(), "lines": found}
        data = json.dumps(content, sort_keys=True).encode()
        release = UUID(bytes=approved.proposal_id)
        new = store.NewRelease(
            release, store.REPORT, cycle.id, terms.recipient, None, int(approved.reason),
            terms.destroy_by,
        )  # fmt: skip
        number, digest = store.begin(new, now=acting.at), hashlib.sha256(data).digest()
        store.finish(release, sha256=digest, length=len(data), content=content, now=acting.at)
        columns = store.columns(new, number) | {"sha256": digest}
        rows = [(release.bytes, columns)]
        journal_store.record_closed(REGISTRY, ACTION, acting, "release", rows, proposal=release)
        # the counts are few and small: their hash would tell them to whoever tries
        body = {
            0: number,
            1: store.REPORT,
            2: cycle.id.bytes,
            3: int(approved.reason),
            5: terms.destroy_by.toordinal() - _DAY_ZERO,
        }
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.RELEASE, body, proposal=release)
    return number
