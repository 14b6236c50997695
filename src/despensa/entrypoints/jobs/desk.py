"""
The desk at the doors: reading what is typed and held out, one use case, and what the keeper forgets.
"""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.card import verify
from despensa.domain.enrolment.card_binding import CardRefused, CardTrouble
from despensa.domain.enrolment.desk import DeskForm, drafted
from despensa.domain.enrolment.introducer import (
    Introducer,
    IntroducerKind,
    IntroducerRefused,
    NoVouching,
)
from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.reach import Reach
from despensa.domain.registration.country import countries
from despensa.domain.registration.draft import HouseholdDraft
from despensa.entrypoints.jobs import deduplicating
from despensa.entrypoints.wiring import Tools
from despensa.records.catalogue.queries import in_force
from despensa.records.enrolment import queries
from despensa.records.households import queries as households
from despensa.usecases.enrol_household import Enrolled, Enrolment, enrol_household
from despensa.usecases.spoil_card import spoil_card

SCANNED_MAX = 4_000


def read_card(typed: str, tools: Tools) -> str:
    """
    Return the number that was typed, or that a scanned code of ours carries.

    Raises: CardRefused for a wrong number and for a code that is not genuine.
    """
    text = typed[:SCANNED_MAX].strip()
    try:
        return parse_card_number(text)
    except (CardNumberError, ValueError):
        ring = tools.keeper.signatory.public_keys().issuer_ring()
        found = verify.verify(text, issuer_keys=ring, now=tools.now())
        if found.card is not None:
            return found.card.number
        looks_scanned = len(text) > _TYPED_MAX
        raise CardRefused(
            CardTrouble.NOT_GENUINE if looks_scanned else CardTrouble.WRONG_NUMBER
        ) from None


# ten characters with separators: more than this was never typed by hand
_TYPED_MAX = 20


def draft_of(form: DeskForm, enrolment: UUID, tools: Tools) -> HouseholdDraft:
    """Return the household that was typed. Raises: FormFaulty."""
    return drafted(
        form,
        number=enrolment.hex,
        today=tools.today(),
        home=countries()[tools.workspace.country],
        catalogue=in_force(),
    )


def introducer_of(
    card: str, office: UUID | None, *, reach: Reach, tools: Tools
) -> Introducer | None:
    """
    Return who vouches: whoever holds the card, or a named office, both in reach; or nobody.

    Raises: IntroducerRefused; CardRefused for what is no card.
    """
    if office is not None:
        if office not in {one.id for one in queries.offices(reach=reach)}:
            raise IntroducerRefused(NoVouching.UNKNOWN)
        return Introducer(IntroducerKind.OFFICE, office)
    if not card.strip():
        return None
    holder = queries.collector_of_card(read_card(card, tools), reach=reach)
    if holder is None:
        raise IntroducerRefused(NoVouching.UNKNOWN)
    return Introducer(IntroducerKind.PERSON, holder)


def enrol(enrolment: Enrolment, tools: Tools, *, acting: Acting) -> Enrolled:
    """Return the household, enrolled now or before under the same id. Raises: as the use case."""
    return enrol_household(
        enrolment,
        acting=acting,
        vault=tools.keeper.vault,
        today=tools.today(),
        catalogue_version=in_force().version,
    )


def notice(household: UUID, tools: Tools, *, acting: Acting) -> list[UUID]:
    """
    Return the pairs that wait since a household was enrolled: its people may be registered already.

    Called after the enrolment is written, also when a form is sent again, so that a stop in between
    loses nothing. Nobody is sent away by it.
    """
    people = households.situation_of([household]).living(household)
    return deduplicating.notice(people, tools, acting=acting)


def spoil(number: str, tools: Tools, *, acting: Acting) -> bool:
    """Return whether the card died now; what the keeper holds of it is destroyed, also again."""
    is_new = spoil_card(number, acting=acting, sealer=tools.keeper.vault)
    tools.keeper.cards.forget([number], at=acting.at)
    return is_new
