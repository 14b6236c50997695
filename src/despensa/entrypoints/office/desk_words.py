"""The words of the desk: troubles with cards and introducers, figures, and what a paper says."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, pgettext

from despensa.domain.enrolment.card_binding import CardTrouble
from despensa.domain.enrolment.introducer import IntroducerRefused, NoVouching
from despensa.domain.identifier import CardNumberError, display_card_number, parse_card_number
from despensa.domain.receipt import Receipt, ReceiptKind
from despensa.domain.registration.alone import ROWS_WITHOUT_APPROVAL
from despensa.entrypoints import desk_words as papers
from despensa.entrypoints.office.desk_pages import PaperPart
from despensa.entrypoints.office.parts import Fact
from despensa.entrypoints.office.states import Word

CARD_TROUBLES: Mapping[CardTrouble, Word] = MappingProxyType(
    {
        CardTrouble.WRONG_NUMBER: gettext_lazy(
            "This is no card number: type the ten characters as in C7Q4-88KD-2, or scan the code."
        ),
        CardTrouble.NOT_GENUINE: gettext_lazy(
            "This code was not made by this office, or it was changed: keep the card apart and "
            "take another one."
        ),
        CardTrouble.UNKNOWN: gettext_lazy(
            "No card with this number was printed here: look at the number again, or take another "
            "card."
        ),
        CardTrouble.SPOILT: gettext_lazy(
            "This card is spoilt or no longer counts: destroy it and take another one. A new card "
            "is free."
        ),
        CardTrouble.BOUND: gettext_lazy(
            "This card belongs to a household already: one card is for one household. Take "
            "another one."
        ),
        CardTrouble.NOT_CHECKED: gettext_lazy(
            "The sheet of this card was not read back yet: take a card of a sheet that is ready."
        ),
        CardTrouble.EXPIRED: gettext_lazy("This card is past its date: take one of a newer batch."),
        CardTrouble.NOT_THEIRS: gettext_lazy(
            "This is no card of the household that still counts: look at the number on its page."
        ),
    }
)
FIGURES: Mapping[str, Word] = MappingProxyType(
    {
        "rows": gettext_lazy("People you took in alone today"),
        "refused": gettext_lazy("Refusals given today"),
        "appointed": gettext_lazy("Appointments given today"),
    }
)
ELSEWHERE = gettext_lazy(
    "Choose the area where the household lives, one that your role is for. For another area, give "
    "a refusal that names the reason."
)


def no_vouching(refused: IntroducerRefused) -> str:
    """Return why somebody may not vouch."""
    if refused.why is NoVouching.UNKNOWN:
        return gettext(
            "Nobody who may vouch was found under this number or name. Check the card of the "
            "person who vouches, or enrol without: nobody needs to be vouched for."
        )
    return gettext(
        "This introducer vouches for %(vouched)s households already, of at most %(limit)s. Let "
        "somebody else vouch, or enrol without: nobody needs to be vouched for."
    ) % {"vouched": refused.vouched, "limit": refused.limit}


def enough_today() -> str:
    """Return that one person may not take more people in today."""
    return gettext(
        "You took in as many people today as one person may alone: %(rows)s. Let another registrar "
        "enrol this household, or give it an appointment for tomorrow."
    ) % {"rows": ROWS_WITHOUT_APPROVAL}


def beside(*, has_introducer: bool, card: str) -> tuple[Word, tuple[Fact, ...]]:
    """Return what goes along with a household, for the page that is checked."""
    try:
        number = display_card_number(parse_card_number(card)) if card else ""
    except (CardNumberError, ValueError):
        number = gettext("the scanned one")
    vouching = gettext("somebody vouches; it is sealed") if has_introducer else gettext("nobody")
    return (
        gettext("Beside it"),
        (
            Fact(gettext("Who vouches"), vouching),
            Fact(gettext("Card"), number or gettext("none now; it can be given later")),
        ),
    )


def paper_part(said: Receipt, language: str, *, workspace: str, direction: str) -> PaperPart:
    """Return what a paper says; the caller has made its language the active one."""
    message = papers.message_of(said)
    assert message is not None, "a paper of the desk"
    is_refusal = said.kind is ReceiptKind.ENROLMENT_REFUSED
    return PaperPart(
        language=language,
        direction="rtl" if direction == "rtl" else "ltr",
        title=gettext("Enrolment refused") if is_refusal else gettext("Appointment to enrol"),
        sentences=papers.answer_said(message, language),
        things=papers.things_to_bring(said, language),
        until_label=gettext("You can appeal until") if is_refusal else gettext("Come by"),
        until_words=date_format(papers.last_day(said), pgettext("day", "j M Y")),
        things_label=gettext("Please bring"),
        given=gettext("Given by %(workspace)s on %(day)s")
        % {
            "workspace": f"\u2068{workspace}\u2069",
            "day": date_format(papers.day_of(said.day), pgettext("day", "j M Y")),
        },
        words_label=gettext("To check this paper by telephone, read these words aloud:"),
    )
