"""
The closed, ordered list of reasons why a scan ends without an ordinary delivery.

Decides the numbers, their precedence and what each reason always offers. Sentences are data:
the English ones stand here, all languages in `despensa/data/sentences/refusals.yaml`.
Source: docs/reference/formats.md section 5; docs/explanation/design.md section 7.7.
"""

from dataclasses import dataclass
from enum import IntEnum


class RefusalReason(IntEnum):
    """Why a scan was refused: the smaller number wins, and no number is ever used again."""

    UNREADABLE = 1
    CANNOT_VERIFY = 2
    NOT_GENUINE = 3
    EXPIRED = 4
    NO_SESSION = 5
    LIST_MISSING = 6
    UNKNOWN = 7
    OTHER_POINT = 8
    OTHER_DAY = 9
    NOT_ENTITLED = 10
    NEEDS_INFORMATION = 11
    COLLECTED_CONFIRMED = 12
    COLLECTED_UNCONFIRMED = 13
    COLLECTOR_NOT_CONFIRMED = 14
    OUT_OF_STOCK = 15

    @property
    def message_id(self) -> str:
        """
        Return the stable key of the reason's sentences.

        >>> RefusalReason.OTHER_DAY.message_id
        'refusal.other_day'
        """
        return f"refusal.{self.name.lower()}"


class AbortReason(IntEnum):
    """Why a scan ended without a verdict."""

    OPERATOR = 64
    APP = 65
    INTERRUPTED = 66

    @property
    def message_id(self) -> str:
        """
        Return the stable key of the reason's sentences.

        >>> AbortReason.APP.message_id
        'abort.app'
        """
        return f"abort.{self.name.lower()}"


class Offered(IntEnum):
    """What the person was offered in place of the ordinary delivery (receipt key 11)."""

    NONE = 0
    SUPERVISED = 1
    REPLACEMENT = 2
    OTHER_POINT = 3


MAY_END_WITHOUT_FOOD = frozenset(
    {RefusalReason.NOT_GENUINE, RefusalReason.NOT_ENTITLED, RefusalReason.COLLECTED_CONFIRMED}
)
ENROLMENT_REASONS = range(32, 48)
CORRECTION_REASONS = range(80, 96)
APPEAL_REASONS = range(96, 112)


def always_offers_supervised(reason: RefusalReason) -> bool:
    """
    Return whether a refusal for this reason offers a supervised delivery in every case.

    Source: docs/reference/formats.md section 5, the letter S.
    """
    return reason not in MAY_END_WITHOUT_FOOD


def offered(reason: RefusalReason, *, contest_open: bool = False) -> Offered:
    """
    Return what a refusal offers the person.

    `contest_open` says that the person contests "already collected" and has not been served on
    such a word in this cycle yet: then one supervised delivery is offered.
    Source: docs/explanation/design.md section 7.7.
    """
    if always_offers_supervised(reason):
        return Offered.SUPERVISED
    if reason is RefusalReason.COLLECTED_CONFIRMED and contest_open:
        return Offered.SUPERVISED
    if reason is RefusalReason.NOT_GENUINE:
        return Offered.REPLACEMENT
    return Offered.NONE


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the person is told, and what they can do next."""

    sentence: str
    next_step: str


DELIVERED_MESSAGE = "scan.delivered"
ENGLISH: dict[str, Sentence] = {
    DELIVERED_MESSAGE: Sentence(
        "Your household receives what is shown here.",
        "Count it here. A receipt is yours if you want one.",
    ),
    "refusal.unreadable": Sentence(
        "The code on this card could not be read.",
        "Type the card number, or ask for a supervised delivery. A new card is free.",
    ),
    "refusal.cannot_verify": Sentence(
        "This phone cannot check this card yet.",
        "Ask for a supervised delivery. The office will check the card.",
    ),
    "refusal.not_genuine": Sentence(
        "This card was not made by this office, or it was changed.",
        "Ask for a new card; it is free. You can appeal with this receipt.",
    ),
    "refusal.expired": Sentence(
        "This card is past its date.",
        "Ask for a supervised delivery and for a new card. Both are free.",
    ),
    "refusal.no_session": Sentence(
        "The distribution is not open now.",
        "Two members of staff can open it, or give you a supervised delivery.",
    ),
    "refusal.list_missing": Sentence(
        "This phone has no valid list for today.",
        "Ask for a supervised delivery.",
    ),
    "refusal.unknown": Sentence(
        "This card is not on this phone's list.",
        "Ask for a supervised delivery. The office will look for your household.",
    ),
    "refusal.other_point": Sentence(
        "Your delivery is prepared at another point.",
        "Go to the point shown here, or ask for a supervised delivery.",
    ),
    "refusal.other_day": Sentence(
        "Your delivery is planned for another day.",
        "Come on the day shown here, or ask for a supervised delivery.",
    ),
    "refusal.not_entitled": Sentence(
        "By the published rule, your household gets nothing in this cycle.",
        "Ask why. You can appeal with this receipt.",
    ),
    "refusal.needs_information": Sentence(
        "The office needs information to decide about your household.",
        "Ask what is missing, and ask for a supervised delivery.",
    ),
    "refusal.collected_confirmed": Sentence(
        "Your household has already collected in this cycle.",
        "If this is not true, say so: you get one supervised delivery and the case is examined.",
    ),
    "refusal.collected_unconfirmed": Sentence(
        "It seems that your household has already collected; this is not confirmed yet.",
        "Ask for a supervised delivery if this is not true.",
    ),
    "refusal.collector_not_confirmed": Sentence(
        "It could not be confirmed that you may collect for this household.",
        "Ask for a supervised delivery, or come with a person who is named as collector.",
    ),
    "refusal.out_of_stock": Sentence(
        "What you should receive has run out here.",
        "It is owed to you. Ask when it will come, or ask for a supervised delivery.",
    ),
    "abort.operator": Sentence("The scan was stopped.", "Scan the card again."),
    "abort.app": Sentence("The scan was stopped by the app.", "Scan the card again."),
    "abort.interrupted": Sentence("The scan was interrupted.", "Scan the card again."),
}
