"""
Corrections at the doors: a record opened to be corrected, a request taken down, an approved one made.

The office and the command line share this; so will the person's own window.
"""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.correction.slot import Refusal
from despensa.domain.proposal import Mandate
from despensa.domain.registration.country import Country, countries
from despensa.entrypoints.wiring import Tools
from despensa.records.catalogue import queries as catalogue
from despensa.usecases.amend_registration import ACTION, amend_registration
from despensa.usecases.refuse_correction import refuse_correction
from despensa.usecases.request_correction import Requested, Wanted, request_correction

__all__ = ["ACTION", "ask", "carry_out", "home", "refuse"]


def ask(wanted: Wanted, tools: Tools, *, acting: Acting) -> Requested:
    """Return that a request is taken down. Raises: CorrectionRefused; AccessRefused."""
    return request_correction(
        wanted,
        acting=acting,
        vault=tools.keeper.vault,
        signatory=tools.keeper.signatory,
        home=home(tools),
        catalogue=catalogue.in_force(),
    )


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """Make an approved correction and return one line about it."""
    done = amend_registration(
        mandate,
        acting=acting,
        vault=tools.keeper.vault,
        signatory=tools.keeper.signatory,
        catalogue_version=catalogue.in_force().version,
    )
    return f"{done.fields} fields corrected; the receipt is ready"


def refuse(correction: UUID, reason: Refusal, tools: Tools, *, acting: Acting) -> None:
    """Refuse a request with a reason and a receipt. Raises: CorrectionRefused."""
    refuse_correction(
        correction,
        reason,
        acting=acting,
        vault=tools.keeper.vault,
        signatory=tools.keeper.signatory,
    )


def home(tools: Tools) -> Country:
    """Return the workspace's country; of one without a known code calling codes are written out."""
    return countries().get(tools.workspace.country, Country("", "", "", ""))
