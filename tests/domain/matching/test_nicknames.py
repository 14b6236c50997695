"""Short forms stand for one name each, and never for a short form."""

import pytest

from despensa.domain.matching.nicknames import NAME_OF, name_of
from despensa.domain.matching.normalise import fold


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("Pepe", "José"),
        ("Paco", "Francisco"),
        ("Bob", "Robert"),
        ("Мехмед", "Mohammed"),
        ("Саша", "Alexander"),
        ("Zé", "José"),
        ("فطوم", "Fatima"),
        ("Babette", "Élisabeth"),
    ],
)
def test_a_short_form_is_known(form, name):
    assert name_of(fold(form)) == fold(name)


def test_no_short_form_stands_for_another():
    assert not {name for name in NAME_OF.values() if NAME_OF.get(name, name) != name}
