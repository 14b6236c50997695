"""
Use a code of a second factor: once, whichever process it was typed into.

Nothing of the registry changes by it, so it has no leaf; what the code was typed for has one.
Source: RFC 6238, section 5.2.
"""

from django.db import transaction

from despensa.records.databases import REGISTRY
from despensa.records.staff import store

# far more steps than a code is taken for: a clock that was set back opens nothing again
STEPS_REMEMBERED = 2_880


def use_code(user: int, step: int) -> bool:
    """Return whether the code of this step was unused; from now on it is used."""
    with transaction.atomic(using=REGISTRY):
        return store.use_code(user, step, oldest=step - STEPS_REMEMBERED)
