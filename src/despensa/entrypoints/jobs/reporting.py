"""Reports of agreements: proposed, counted once two people agree."""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate, Output, Reason
from despensa.domain.release.package import ReleaseWrong, Wrong
from despensa.domain.release.report import ACTION, ReportTerms, check_report
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.jobs.releasing import waiting
from despensa.entrypoints.wiring import Tools
from despensa.records.catalogue.queries import in_force
from despensa.records.programmes.queries import CycleRow
from despensa.records.releases import report_queries
from despensa.usecases.make_report import make_report

__all__ = ["ACTION", "carry_out", "propose"]
_DAY_ZERO = 719_163  # of 1970-01-01, as date.toordinal counts


def propose(row: CycleRow, terms: ReportTerms, tools: Tools, *, acting: Acting) -> UUID:
    """
    Return the proposal of a cycle's report, once it is clear that it can be made.

    Raises: ReleaseWrong; OutOfReach.
    """
    if tools.workspace.single_operator:
        raise ReleaseWrong(Wrong.ALONE)
    check_report(terms, today=acting.day, catalogue=in_force())
    if row.frozen_root is None:
        raise ReleaseWrong(Wrong.NOT_DECIDED)
    if waiting(row.id, ACTION):
        raise ReleaseWrong(Wrong.WAITING)
    households = report_queries.planned_households(row.id)
    names = tuple(str(one) for one in terms.breakdowns)
    day = terms.destroy_by.toordinal() - _DAY_ZERO
    return propose_action(
        ACTION,
        Reason.AGREED_REPORT,
        acting=acting,
        scope=(row.programme.bytes, None, row.id.bytes),
        parameters=terms.parameters(),
        totals=(("households", households),),
        outputs=(Output("agreement_report", names, households, day),),
    )


def carry_out(mandate: Mandate, *, acting: Acting) -> str:
    """Make the report of an approved proposal and return one line about it."""
    number = make_report(mandate, acting=acting, catalogue=in_force())
    return f"report {number} is ready"
