"""A CHECK that compares a column which may be NULL says so: NULL is neither true nor false, and passes."""

import pytest
from django.apps import apps
from django.db.models import CheckConstraint, Q


def undecided(condition, nullable):
    """Return the columns which may be NULL and are compared with no word on NULL beside them."""
    named = [child for child in condition.children if not isinstance(child, Q)]
    within = [child for child in condition.children if isinstance(child, Q)]
    told = {name.removesuffix("__isnull") for name, _ in named if name.endswith("__isnull")}
    told |= {
        name.removesuffix("__isnull")
        for child in within
        if len(child.children) == 1 and not isinstance(child.children[0], Q)
        for name, _ in child.children
        if name.endswith("__isnull")
    }
    compared = {name.split("__")[0] for name, _ in named if not name.endswith("__isnull")}
    found = (compared & nullable) - told
    for child in within:
        found |= undecided(child, nullable) - told
    return found


CHECKS = [
    pytest.param(model, check, id=check.name)
    for model in apps.get_models()
    for check in model._meta.constraints
    if isinstance(check, CheckConstraint)
]


@pytest.mark.parametrize("model, check", CHECKS)
def test_a_check_decides_what_null_means(model, check):
    nullable = {field.name for field in model._meta.fields if field.null}
    nullable |= {field.attname for field in model._meta.fields if field.null}

    found = undecided(check.condition, nullable)

    assert not found


def test_a_comparison_with_no_word_on_null_is_found():
    faulty = Q(state=3, reason__gte=80) | ~Q(state=3) & Q(reason__isnull=True)

    assert undecided(faulty, {"reason"}) == {"reason"}
