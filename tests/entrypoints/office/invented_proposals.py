"""Invented contents of proposals."""

from datetime import date

from despensa.entrypoints.office import parts, work_pages
from despensa.entrypoints.office.states import (
    PROPOSAL_STATES,
)
from despensa.entrypoints.office.words import (
    ACTIONS,
    OWN_PROPOSAL,
    PARAMETERS,
    PROPOSAL_REASONS,
    REFUSAL_REASONS,
    TOTALS,
    WRONG_CODE,
)
from tests.entrypoints.office.invented_parts import AN_ID, HASH, at, choices


def proposals() -> work_pages.ProposalsPage:
    row = work_pages.ProposalRow
    return work_pages.ProposalsPage(
        waiting=(
            row(
                AN_ID,
                ACTIONS["import_register"],
                "1,197 rows, village of Ribera",
                "Jorge Ríos",
                at(9, 20),
                at(9, 20, 28),
                PROPOSAL_STATES["waiting"],
                is_own=False,
            ),
            row(
                AN_ID,
                ACTIONS["open_cycle"],
                "Food parcel, November 2026",
                "Amina Morales",
                at(8, 2),
                at(8, 2, 28),
                PROPOSAL_STATES["waiting"],
                is_own=True,
            ),
        ),
        finished=(
            row(
                AN_ID,
                ACTIONS["publish_rule"],
                "parcel/3",
                "Jorge Ríos",
                at(8, 2, 1),
                at(8, 2, 8),
                PROPOSAL_STATES["used"],
                is_own=False,
            ),
            row(
                AN_ID,
                ACTIONS["import_register"],
                "40 rows",
                "Jorge Ríos",
                at(8, 2, 2),
                at(8, 2, 9),
                PROPOSAL_STATES["refused"],
                is_own=False,
            ),
        ),
    )


def proposal() -> work_pages.ProposalPage:
    return work_pages.ProposalPage(
        proposal_id=AN_ID,
        action_word=ACTIONS["open_cycle"],
        creator_name="Jorge Ríos",
        created_at=at(9, 20),
        expires_at=at(9, 20, 28),
        scope="Food parcel, district of San Rafael",
        reason=PROPOSAL_REASONS["regular"],
        hash_hex=HASH,
        state=PROPOSAL_STATES["waiting"],
        totals=(
            parts.Fact(TOTALS["entitled"], 412),
            parts.Fact(TOTALS["parcels"], 566),
            parts.Fact(TOTALS["late_entrants"], 8),
        ),
        parameters=(
            parts.Fact(PARAMETERS["opens"], "20 November 2026"),
            parts.Fact(PARAMETERS["epoch"], 10),
        ),
        inputs=(HASH,),
        outputs=(
            work_pages.ProposalOutput(
                "Sealed paper list per point", "card number, quantity", 12, date(2026, 12, 12)
            ),
        ),
        may_decide=True,
        refuse_reasons=choices(REFUSAL_REASONS),
        passkey=work_pages.PasskeyChallenge("aGFzaA", "localhost", ("aWQ",)),
    )


def proposal_with_error() -> work_pages.ProposalPage:
    page = proposal()
    return work_pages.ProposalPage(
        **{
            name: getattr(page, name)
            for name in page.__slots__
            if name not in {"errors", "passkey"}
        },
        errors=(parts.FieldError("id_code", WRONG_CODE),),
    )


def proposal_own() -> work_pages.ProposalPage:
    page = proposal()
    return work_pages.ProposalPage(
        **{
            name: getattr(page, name)
            for name in page.__slots__
            if name not in {"may_decide", "why_not"}
        },
        may_decide=False,
        why_not=OWN_PROPOSAL,
    )
