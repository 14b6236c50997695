"""The few filters that the office templates need and Django does not have."""

from collections.abc import Iterable
from datetime import date, datetime

from django import template
from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime
from django.utils.translation import pgettext

from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.rule_pages import RuleBlock
from despensa.entrypoints.office.states import Word

register = template.Library()


@register.filter
def for_field(errors: Iterable[FieldError], field_id: str) -> Word:
    """Return what is wrong with one field, or an empty text when nothing is."""
    return next((error.message for error in errors if error.field_id == field_id), "")


@register.filter
def within(errors: Iterable[FieldError], block: RuleBlock) -> bool:
    """Return whether anything is wrong with a field in a part of the rule form."""
    wrong = {error.field_id for error in errors}
    return bool(wrong) and any(field.id in wrong for field in block.every_field())


@register.filter
def moment(at: datetime) -> str:
    """Return a day and its time in the workspace's zone, with the reader's comma between."""
    return date_format(localtime(at) if is_aware(at) else at, pgettext("moment", "j M Y, H:i"))


@register.filter
def day(on: date) -> str:
    """Return a day as the reader's language shortens it."""
    return date_format(on, pgettext("day", "j M Y"))


@register.filter
def short_day(on: date) -> str:
    """Return a day without its year."""
    return date_format(on, pgettext("day without year", "j M"))


@register.filter
def month(on: date) -> str:
    """Return a month and its year."""
    return date_format(on, pgettext("month", "M Y"))


@register.filter
def in_groups(hexadecimal: str) -> str:
    """
    Return a long hash in groups of four, so that two people can compare it aloud.

    >>> in_groups("00ff00ff01")
    '00ff 00ff 01'
    """
    return " ".join(hexadecimal[at : at + 4] for at in range(0, len(hexadecimal), 4))
