"""Words of ordering and counting cards."""

from django.utils.translation import gettext_lazy

from despensa.domain.card.count import CountTrouble
from despensa.domain.card.hand_over import OUTPUT
from despensa.domain.card.sheet import A4_EIGHT, A4_TEN, SINGLE, SLIP
from despensa.domain.card.shop import LineVerdict, ShopTrouble
from despensa.domain.identity_order import OUTPUT as IDENTITY_OUTPUT

LAYOUTS = {
    A4_TEN.number: gettext_lazy("A4, ten cards without gaps, for a cutting machine"),
    A4_EIGHT.number: gettext_lazy("A4, eight cards with gaps, for scissors"),
    SINGLE.number: gettext_lazy("one card a page, for a card printer"),
    SLIP.number: gettext_lazy("A6 slip with a large code, for a thermal printer"),
}
ORDER_TROUBLES = {
    "cycle": gettext_lazy("Choose a cycle that was decided, or only cards for the stock."),
    "stock": gettext_lazy(
        "Write how many cards without a household are wanted, from 0 to 100,000; at least one card "
        "must be made."
    ),
    "years": gettext_lazy("A card is valid for 1 to 10 years."),
    "layout": gettext_lazy("Choose how the cards are printed."),
    "languages": gettext_lazy("Choose one or two languages."),
    "cards": gettext_lazy("Nobody here waits for an identity card on paper."),
    "help_line": gettext_lazy("Write the number people call for help, at most 32 characters."),
}
COUNT_TROUBLES = {
    CountTrouble.TWICE: gettext_lazy(
        "%(number)s is named twice among the spoilt cards: name it once."
    ),
    CountTrouble.NOT_PRINTED: gettext_lazy(
        "%(number)s is no card of this batch that lies printed: look at its number again."
    ),
    CountTrouble.NOT_ALL: gettext_lazy(
        "%(made)s cards were made, but %(good)s good and %(spoilt)s spoilt ones make another number: "
        "count again. A card that is missing counts as spoilt."
    ),
    CountTrouble.NOT_READ_BACK: gettext_lazy(
        "This batch was not read back: nothing may be printed from it, so there is nothing to count."
    ),
    CountTrouble.AT_SHOP: gettext_lazy(
        "This batch is at a print shop: give the list the shop sends back, and it is counted with it."
    ),
}
SHOP_TROUBLES = {
    ShopTrouble.NAME: gettext_lazy("Write the name of the print shop, at most 60 letters."),
    ShopTrouble.KEY: gettext_lazy(
        "This is no public key of age: it begins with age1 and has 62 signs. Ask the shop for the line "
        "that its program age-keygen prints."
    ),
    ShopTrouble.NO_FILES: gettext_lazy(
        "This batch has no print files: it was counted, or its day is over."
    ),
    ShopTrouble.SENT_BEFORE: gettext_lazy(
        "This batch is at a print shop already: it is not printed twice."
    ),
    ShopTrouble.NOT_SENT: gettext_lazy("This batch was sent to no print shop: count it instead."),
}
RETURN_REFUSED = gettext_lazy(
    "This is no list of this batch: it is a CSV file in UTF-8, its first line is serial,sha256, and a "
    "batch that is counted takes no other one."
)
RETURN_FIGURES = {
    "printed": gettext_lazy("Printed once"),
    "missing": gettext_lazy("Missing cards"),
    "doubled": gettext_lazy("Printed twice"),
    "foreign": gettext_lazy("Lines that are no card of this batch"),
}
VERDICTS = {
    LineVerdict.REPEATED: gettext_lazy("printed twice: nobody gets it"),
    LineVerdict.UNKNOWN: gettext_lazy("no card of this batch"),
    LineVerdict.WRONG_HASH: gettext_lazy("another code than the one that was issued"),
    LineVerdict.UNREADABLE: gettext_lazy("cannot be read"),
}
MISSING = gettext_lazy("missing: nobody gets it")
COUNT_NUMBER = gettext_lazy("Write how many good cards there are, as a whole number.")
SPOILT_NUMBER = gettext_lazy("%(number)s is no card number: look at it again.")
COUNTED = gettext_lazy("Counted. The print files are destroyed; spoilt cards are never valid.")
LIST_OVER = gettext_lazy(
    "The order named no list, or the batch is counted, or the list's last day is over: no names are "
    "printed. Cards are handed over by scanning them."
)
OUTPUTS = {
    OUTPUT: gettext_lazy("Hand-over list of cards"),
    IDENTITY_OUTPUT: gettext_lazy("Printed identity cards"),
}
OUTPUT_FIELDS = {
    "full_name": gettext_lazy("Full name"),
    "birth_date": gettext_lazy("Date of birth"),
    "sex": gettext_lazy("Sex"),
}
IDENTITY_CARDS = gettext_lazy("identity cards")
ASKED = gettext_lazy("It is in the next order of identity cards.")
NO_ADDRESS = gettext_lazy(
    "Whoever runs this office sets its public address first: it stands in every identity card."
)
