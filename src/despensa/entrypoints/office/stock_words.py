"""Words of the pages about goods at the points."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.ledger.stock import EntryKind, LossReason
from despensa.entrypoints.office.states import Word

KINDS: Mapping[EntryKind, Word] = {
    EntryKind.DELIVERY: pgettext_lazy("goods", "Delivery"),
    EntryKind.LOSS: pgettext_lazy("goods", "Loss"),
    EntryKind.RETURN: pgettext_lazy("goods", "Return"),
    EntryKind.OPENED: pgettext_lazy("goods", "Parcels opened"),
    EntryKind.COUNT: pgettext_lazy("goods", "Count"),
    EntryKind.REVERSAL: pgettext_lazy("goods", "Reversal"),
}
WRITE: Mapping[EntryKind, Word] = {
    EntryKind.DELIVERY: gettext_lazy("Write a delivery"),
    EntryKind.LOSS: gettext_lazy("Write a loss"),
    EntryKind.RETURN: gettext_lazy("Write a return"),
    EntryKind.OPENED: gettext_lazy("Open parcels"),
    EntryKind.COUNT: gettext_lazy("Write what was counted"),
}
# the kind as it stands in an address
NAMES: Mapping[str, EntryKind] = {
    "delivery": EntryKind.DELIVERY,
    "loss": EntryKind.LOSS,
    "return": EntryKind.RETURN,
    "opened": EntryKind.OPENED,
    "count": EntryKind.COUNT,
}
REASONS: Mapping[LossReason, Word] = {
    LossReason.DAMAGED: pgettext_lazy("goods", "damaged"),
    LossReason.SPOILED: pgettext_lazy("goods", "spoiled"),
    LossReason.EXPIRED: pgettext_lazy("goods", "past their date"),
    LossReason.STOLEN: pgettext_lazy("goods", "stolen"),
    LossReason.MISSING: pgettext_lazy("goods", "missing, nobody knows why"),
}
DAY = gettext_lazy("Day")
REASON = gettext_lazy("Why they are gone")
LOT = gettext_lazy("Lot")
LOT_HINT = gettext_lazy("As it stands on the goods. Goods of two lots are two deliveries.")
EXPIRES_ON = gettext_lazy("Best before")
DONOR = gettext_lazy("Donor")
WAYBILL = gettext_lazy("Waybill")
HOW_MANY = gettext_lazy("How many: %(item)s")
COUNT_HINT = gettext_lazy("Leave empty what was not counted; write 0 where nothing is left.")
BAD_DAY = gettext_lazy("Give a day up to today.")
BAD_QUANTITY = gettext_lazy("Write whole numbers, at least one of them.")
NO_REASON = gettext_lazy("Choose why they are gone.")
BAD_TEXT = gettext_lazy("Lot, donor and waybill are one line of at most 60 characters each.")
NO_CONTENTS = gettext_lazy(
    "What is in this parcel was not written down yet. A programme manager does it, with: despensa stock contents."
)
WRITTEN = gettext_lazy("Written.")
WRITTEN_BEFORE = gettext_lazy("It was written before: nothing was changed.")
REVERSED = gettext_lazy("Reversed. Both entries stay to be read.")
REVERSED_BEFORE = gettext_lazy("It was reversed before: nothing was changed.")
