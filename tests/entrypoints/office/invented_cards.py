"""Invented pages about cards that leave the office: a print shop, and identity cards."""

from django.utils.translation import gettext

from despensa.entrypoints.office import card_words, change_pages, desk_pages, parts
from despensa.entrypoints.office.words import PARAMETERS


def card_shop() -> desk_pages.DeskFormPage:
    field = change_pages.ChangeField
    return desk_pages.DeskFormPage(
        gettext("Have a batch printed outside"),
        "/x/",
        (
            field("shop", "text", gettext("Name of the print shop"), (), ["Imprenta El Sol"],
                  gettext("It stands in the log."), is_required=True),
            field("key", "text", gettext("Public key of the shop"), (), ["age1x"],
                  gettext("A line that begins with age1, which the shop makes once."),
                  is_required=True),
        ),
        gettext("Propose the shop"),
        (
            gettext("A second person approves exactly this shop and its key."),
            gettext(
                "From then on the pages are given out sealed to this key alone, and no card of the "
                "batch is handed over before the shop's list was held against what was issued."
            ),
        ),
        errors=(parts.FieldError("id_key", card_words.SHOP_TROUBLES[card_words.ShopTrouble.KEY]),),
        back_url="/cards/",
        back_word=gettext("Cards"),
    )  # fmt: skip


def identity_order() -> desk_pages.DeskFormPage:
    field = change_pages.ChangeField
    layouts = tuple(parts.Choice(str(n), word) for n, word in card_words.LAYOUTS.items())
    return desk_pages.DeskFormPage(
        gettext("Order identity cards"),
        "/x/",
        (
            field("layout", "select", PARAMETERS["layout"], layouts, ["3"], is_required=True),
            field("language_1", "select", gettext("First language on the card"),
                  (parts.Choice("es", "español"),), ["es"], is_required=True),
            field("help_line", "text", PARAMETERS["help_line"], (), ["0800-111-22"],
                  gettext("It stands on every card."), is_required=True),
        ),
        gettext("Propose the cards"),
        (
            gettext("People who wait for one: %(count)s. Only they get a card.") % {"count": 0},
            gettext(
                "Their names leave the system on the cards: the second person approves it too."
            ),
        ),
        errors=(parts.FieldError("id_layout", card_words.ORDER_TROUBLES["cards"]),),
        back_url="/cards/",
        back_word=gettext("Cards"),
    )  # fmt: skip
