"""The words about partners and consents: purposes, fields, faults, and the receipts."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from django.utils.translation import get_language, gettext, gettext_lazy, pgettext_lazy

from despensa.domain.catalogue import Catalogue, load_catalogue
from despensa.domain.partner.agreement import Wrong
from despensa.domain.partner.consent import Fault
from despensa.domain.receipt import Receipt, ReceiptKind
from despensa.entrypoints.office.states import State, Word
from despensa.entrypoints.office.templatetags.office import day

_DAY_ZERO = date(1970, 1, 1).toordinal()
PURPOSES: Mapping[int, Word] = MappingProxyType(
    {
        1: gettext_lazy("To see whether somebody should get assistance"),
        2: gettext_lazy("To bring assistance to somebody"),
        3: gettext_lazy("So that assistance of two sides fits together"),
    }
)
_OWN_FIELDS: Mapping[str, Word] = MappingProxyType(
    {
        "full_name": pgettext_lazy("field", "name"),
        "birth_month": pgettext_lazy("field", "month of birth"),
        "sex": pgettext_lazy("field", "sex"),
        "area": pgettext_lazy("field", "place"),
        "group_size": pgettext_lazy("field", "how many live in the household"),
    }
)
FAULTS: Mapping[Fault, Word] = MappingProxyType(
    {
        Fault.FIELDS: gettext_lazy("Choose at least one field."),
        Fault.NOT_TOLD: gettext_lazy(
            "This partner may not be told one of these fields, or it is not about whom you chose."
        ),
        Fault.PURPOSE: gettext_lazy("This partner may not ask for this purpose: choose another."),
        Fault.UNTIL: gettext_lazy(
            "A consent ends after today, and not after the agreement with the partner."
        ),
        Fault.TOO_LONG: gettext_lazy("A consent lasts at most a year: ask again then."),
        Fault.NOT_GROWN_UP: gettext_lazy(
            "Only a grown-up who lives in the household may agree to this."
        ),
        Fault.FOR_THEMSELVES: gettext_lazy(
            "A grown-up agrees for themselves: they must be present."
        ),
        Fault.OTHER_HOME: gettext_lazy("For a child, a grown-up of the same household agrees."),
        Fault.NOBODY: gettext_lazy("Choose people who live in this household now."),
        Fault.PARTNER_GONE: gettext_lazy("Choose a partner that may ask now."),
        Fault.PARTNER_AREA: gettext_lazy("This partner may not ask about households of this area."),
        Fault.NO_HOUSEHOLD: gettext_lazy("There is no such household."),
        Fault.NO_CONSENT: gettext_lazy("There is no such consent in this household."),
        Fault.MEANWHILE: gettext_lazy("Somebody recorded the same consent just now: look again."),
    }
)
WRONGS: Mapping[Wrong, Word] = MappingProxyType(
    {
        Wrong.SENDER: gettext_lazy(
            "The sender id has 3 to 63 small letters, digits, points and hyphens."
        ),
        Wrong.NAME: gettext_lazy("The partner's name has 1 to 80 characters."),
        Wrong.KEY: gettext_lazy("The key is an Ed25519 public key as 64 hexadecimal digits."),
        Wrong.PURPOSES: gettext_lazy("Choose at least one purpose."),
        Wrong.FIELDS: gettext_lazy("Choose at least one field."),
        Wrong.UNTIL: gettext_lazy("An agreement ends after today and within three years."),
        Wrong.DAY: gettext_lazy("A partner asks at most 100 times a day."),
        Wrong.HOUR: gettext_lazy("A partner asks at most 30 times an hour."),
        Wrong.CALLBACK: gettext_lazy(
            "Answers go to an address like https://host.name/path, on a public host."
        ),
        Wrong.ALONE: gettext_lazy("One person runs this workspace: no partner may ask here."),
    }
)
PARTNER_STATES: Mapping[str, State] = MappingProxyType(
    {
        "asks": State("done", pgettext_lazy("partner", "may ask")),
        "over": State("information", pgettext_lazy("partner", "agreement ended")),
        "revoked": State("stopped", pgettext_lazy("partner", "revoked")),
    }
)
CONSENT_STATES: Mapping[str, State] = MappingProxyType(
    {
        "holds": State("done", pgettext_lazy("consent", "counts")),
        "over": State("information", pgettext_lazy("consent", "time is over")),
        "ended": State("stopped", pgettext_lazy("consent", "taken back or replaced")),
    }
)


def field_word(name: str, catalogue: Catalogue | None = None) -> Word:
    """Return what a field is called: one of ours, or the catalogue's label."""
    if name in _OWN_FIELDS:
        return _OWN_FIELDS[name]
    fact = (catalogue or load_catalogue()).get(name)
    language = (get_language() or "en").split("-")[0]
    return name if fact is None else fact.label.get(language, fact.label["en"])


def field_words(names: Sequence[str], catalogue: Catalogue | None = None) -> str:
    """Return what several fields are called, in a list."""
    return gettext("; ").join(str(field_word(name, catalogue)) for name in names)


def purpose_words(purposes: Sequence[int]) -> str:
    """Return several purposes in a list."""
    return gettext("; ").join(str(PURPOSES[one]) for one in purposes)


def receipt_title(receipt: Receipt) -> str:
    """Return the heading of a receipt."""
    if receipt.kind is ReceiptKind.CONSENT_GIVEN:
        return gettext("Receipt of a consent")
    return gettext("Receipt: a consent was taken back")


def receipt_sentences(
    receipt: Receipt, *, workspace: str, catalogue: Catalogue | None = None
) -> tuple[str, ...]:
    """Return what the receipt of a consent or its end says; the person is not named in it."""
    assert receipt.partner is not None, "a consent is about a partner"
    assert receipt.shared_for is not None, "and for a purpose"
    values = {
        "workspace": f"\u2068{workspace}\u2069",
        "partner": f"\u2068{receipt.partner}\u2069",
        "day": _day(receipt.day),
        "purpose": str(PURPOSES[receipt.shared_for]),
        "fields": field_words(receipt.shared_fields or (), catalogue),
        "until": _day(receipt.shared_until or receipt.day),
    }
    texts = [
        gettext(
            "On %(day)s a consent was taken back: %(workspace)s tells %(partner)s nothing more."
        ),
        gettext("It was for: %(purpose)s."),
        gettext("What was told before cannot be called back; ask %(partner)s to destroy it."),
    ]
    if receipt.kind is ReceiptKind.CONSENT_GIVEN:
        texts = [
            gettext(
                "On %(day)s somebody who was present agreed that %(workspace)s may tell "
                "%(partner)s, when it asks: %(fields)s."
            ),
            gettext("For: %(purpose)s. It ends by itself on %(until)s."),
            gettext(
                "It can be taken back at any time at the office, at once and without a reason. No "
                "food and no money depends on it."
            ),
            gettext("Every answer is written down, and the list can be asked for."),
        ]
    return tuple(text % values for text in texts)


def _day(number: int) -> str:
    return day(date.fromordinal(_DAY_ZERO + number))
