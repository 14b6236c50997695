"""The words of corrections: fields, values, reasons, refusals, receipts, in whatever language is active."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language, gettext, gettext_lazy, pgettext_lazy

from despensa.domain.catalogue import Catalogue, FactType
from despensa.domain.correction.decide import CorrectionRefused, Why
from despensa.domain.correction.slot import Channel, Field, Reason, Refusal, Slot
from despensa.domain.receipt import Receipt, ReceiptKind
from despensa.entrypoints.office.states import State, Word, isolated
from despensa.entrypoints.office.templatetags.office import day
from despensa.entrypoints.office.words import SEXES

_DAY_ZERO = date(1970, 1, 1).toordinal()
SEX_CODES = {None: "unknown", 1: "male", 2: "female", 3: "other"}
NOT_KNOWN = pgettext_lazy("a field's value", "not known")
YES, NO = gettext_lazy("yes"), gettext_lazy("no")

FIELDS: Mapping[Field, Word] = MappingProxyType(
    {
        Field.FULL_NAME: pgettext_lazy("field of a record", "Full name"),
        Field.NAME_PARTS: pgettext_lazy("field of a record", "Parts of the name"),
        Field.BIRTH: pgettext_lazy("field of a record", "Birth date"),
        Field.SEX: pgettext_lazy("field of a record", "Sex"),
        Field.ADDRESS: pgettext_lazy("field of a record", "Address"),
        Field.DOCUMENT: pgettext_lazy("field of a record", "Document"),
        Field.PHONE: pgettext_lazy("field of a record", "Phone"),
        Field.PERSON_FACT: pgettext_lazy("field of a record", "Fact about the person"),
        Field.HOUSEHOLD_FACT: pgettext_lazy("field of a record", "Fact about the household"),
    }
)
DOCUMENTS: Mapping[str, Word] = MappingProxyType(
    {
        "national_id": pgettext_lazy("document", "identity card"),
        "passport": pgettext_lazy("document", "passport"),
        "unhcr_id": pgettext_lazy("document", "UNHCR card"),
        "residence_permit": pgettext_lazy("document", "residence permit"),
        "birth_certificate": pgettext_lazy("document", "birth certificate"),
        "drivers_license": pgettext_lazy("document", "driving licence"),
        "scope_id": pgettext_lazy("document", "SCOPE card"),
        "other": pgettext_lazy("document", "another document"),
    }
)
CHANNELS: Mapping[Channel, Word] = MappingProxyType(
    {
        Channel.DESK: gettext_lazy("The person, at the desk"),
        Channel.PHONE: gettext_lazy("The person, by phone"),
        Channel.LETTER: gettext_lazy("The person, by letter"),
        Channel.OWN_WINDOW: gettext_lazy("The person, at their own window"),
        Channel.OFFICE: gettext_lazy("The office found it"),
    }
)
REASONS: Mapping[Reason, Word] = MappingProxyType(
    {
        Reason.MISSPELT: gettext_lazy("Misspelt"),
        Reason.WRITTEN_OTHERWISE: gettext_lazy("The same name, in another script or spelling"),
        Reason.ENTRY_MISTAKE: gettext_lazy("Entered wrongly"),
        Reason.CHANGED_SINCE: gettext_lazy("It has changed since"),
        Reason.WAS_MISSING: gettext_lazy("It was missing"),
        Reason.DOCUMENT_SHOWN: gettext_lazy("A document was shown"),
        Reason.UNDO: gettext_lazy("A correction is taken back"),
    }
)
REFUSALS: Mapping[Refusal, Word] = MappingProxyType(
    {
        Refusal.NOT_SHOWN: gettext_lazy("Nothing was shown that says so"),
        Refusal.NOT_THEIRS_TO_ASK: gettext_lazy("Whoever asked may not ask for this person"),
        Refusal.IS_SO_ALREADY: gettext_lazy("It is recorded so already"),
        Refusal.ANOTHER_WAY: gettext_lazy("This is done in another way: ask at the desk how"),
        Refusal.DOCUMENT_SAYS_OTHERWISE: gettext_lazy("A document says otherwise"),
        Refusal.CHANGED_MEANWHILE: gettext_lazy("The record was changed meanwhile: ask anew"),
    }
)
STATES: Mapping[str, State] = MappingProxyType(
    {
        "waiting": State("waiting", pgettext_lazy("correction", "waits for a second person")),
        "unanswered": State("waiting", pgettext_lazy("correction", "needs an answer")),
        "done": State("done", pgettext_lazy("correction", "corrected")),
        "undone": State("information", pgettext_lazy("correction", "taken back")),
        "refused": State("stopped", pgettext_lazy("correction", "refused")),
    }
)
_MENDING: Mapping[Why, Word] = MappingProxyType(
    {
        Why.NOTHING_CHANGES: gettext_lazy(
            "Nothing is different from what is recorded: change at least one field."
        ),
        Why.TOO_MANY: gettext_lazy("Twelve fields at most: send the rest as another request."),
        Why.CHANGED_MEANWHILE: gettext_lazy(
            "The record was changed meanwhile: look at it again, then decide."
        ),
        Why.ID_USED_OTHERWISE: gettext_lazy(
            "This request was sent before with other content: begin it anew."
        ),
        Why.NO_SUCH_PERSON: gettext_lazy("Nobody with this id lives in this household."),
        Why.ERASED: gettext_lazy("This person was erased: nothing of them can be changed."),
        Why.NAME_WRONG: gettext_lazy("A name needs letters and at most 200 characters."),
        Why.PARTS_WRONG: gettext_lazy("The parts must be words of the full name."),
        Why.BIRTH_WRONG: gettext_lazy(
            "Write the birth date as 1990, 1990-02 or 1990-02-28, not in the future."
        ),
        Why.SEX_WRONG: gettext_lazy("Choose one of the list."),
        Why.ADDRESS_WRONG: gettext_lazy("An address has at most 300 characters."),
        Why.DOCUMENT_WRONG: gettext_lazy(
            "A document needs a kind, a country and a number; two at most, not the same twice."
        ),
        Why.PHONE_WRONG: gettext_lazy(
            "Write the phone with its calling code, such as +58 412 1234567; two at most."
        ),
        Why.FACT_WRONG: gettext_lazy("The fact takes no such value."),
        Why.NO_SUCH_CORRECTION: gettext_lazy("There is no such correction."),
        Why.DECIDED_BEFORE: gettext_lazy(
            "This correction was decided before: nothing was changed."
        ),
        Why.UNDONE_BEFORE: gettext_lazy(
            "This correction was taken back, or is about to be: nothing was changed."
        ),
        Why.REASON_DOES_NOT_FIT: gettext_lazy("Choose a reason."),
    }
)


def mending(refused: CorrectionRefused) -> Word:
    """Return why a correction is not taken and how to go on."""
    return _MENDING[refused.why]


def field_word(slot: Slot, catalogue: Catalogue) -> Word:
    """Return what a field is called; a fact by its sentence in the catalogue."""
    fact = catalogue.get(slot.key)
    if slot.field not in {Field.PERSON_FACT, Field.HOUSEHOLD_FACT} or fact is None:
        return FIELDS[slot.field]
    return fact.label.get(_language(), fact.label["en"])


def value_words(slot: Slot, value: Any, catalogue: Catalogue) -> Word:
    """Return a value as people read it."""
    if value is None or value == []:
        return NOT_KNOWN
    match slot.field:
        case Field.NAME_PARTS:
            first, second, given = value
            return " · ".join(isolated(part) for part in (" ".join(given), first, second) if part)
        case Field.BIRTH:
            return "-".join(f"{part:02d}" for part in value)
        case Field.SEX:
            return SEXES[SEX_CODES[value]]
        case Field.DOCUMENT:
            kind, country, number = value
            return f"{isolated(DOCUMENTS[kind])} {isolated(country)} {isolated(number)}"
        case Field.PERSON_FACT | Field.HOUSEHOLD_FACT:
            return fact_words(slot.key, value, catalogue)
        case _:
            return str(value)


def fact_words(name: str, value: Any, catalogue: Catalogue) -> Word:
    """Return the value of a fact as people read it."""
    fact = catalogue.get(name)
    if isinstance(value, bool):
        return YES if value else NO
    if fact is not None and fact.type is FactType.CHOICE and value in fact.value_labels:
        labels = fact.value_labels[value]
        return labels.get(_language(), labels["en"])
    return str(value)


def receipt_title(kind: ReceiptKind) -> str:
    """Return the heading of a receipt."""
    if kind is ReceiptKind.CORRECTION_ASKED:
        return gettext("Receipt: a correction was asked for")
    if kind is ReceiptKind.CORRECTION_MADE:
        return gettext("Receipt: the record was corrected")
    return gettext("Receipt: the correction was refused")


def receipt_sentences(receipt: Receipt, *, workspace: str) -> tuple[str, ...]:
    """Return what a receipt says; it names nobody and no field."""
    values = {"workspace": isolated(workspace), "day": _day(receipt.day)}
    said: tuple[str, ...]
    if receipt.kind is ReceiptKind.CORRECTION_ASKED:
        assert receipt.answer_until is not None, "this kind names the day"
        values["until"] = _day(receipt.answer_until)
        said = (
            gettext("On %(day)s somebody asked %(workspace)s to correct a record."),
            gettext("There must be an answer by %(until)s. Without one, complain with this paper."),
        )
    elif receipt.kind is ReceiptKind.CORRECTION_MADE:
        said = (
            gettext("On %(day)s %(workspace)s corrected a record as it was asked."),
            gettext(
                "What stood there before is kept sealed, so that past decisions can be explained."
            ),
        )
    else:
        assert receipt.reason is not None, "a refusal has a reason"
        assert receipt.appeal_until is not None, "a refusal can be appealed"
        values |= {
            "reason": str(REFUSALS[Refusal(receipt.reason)]),
            "until": _day(receipt.appeal_until),
        }
        said = (
            gettext("On %(day)s %(workspace)s refused to correct a record."),
            gettext("Reason: %(reason)s."),
            gettext("You may appeal until %(until)s. Bring this paper."),
        )
    return tuple(text % values for text in said)


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _day(number: int) -> str:
    return day(date.fromordinal(_DAY_ZERO + number))
