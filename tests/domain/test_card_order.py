"""What may be ordered of cards, and how the order stands in its proposal."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from despensa.domain.card.sheet import A4_TEN, LAYOUTS
from despensa.domain.card_order import CardOrder, OrderRefused, order_of, require_orderable
from despensa.domain.proposal import ApprovalInvalid, Proposal, Reason, parse

TODAY = date(2026, 11, 22)
ORDER = CardOrder(
    cycle=UUID(int=7), stock=10, epoch=10, expires_on=date(2031, 12, 31), layout=A4_TEN,
    languages=("es", "ar"), help_line="0800-111-22",
)  # fmt: skip


def proposed(*parameters):
    return Proposal(
        proposal_id=bytes(16), workspace_id=bytes(16), action="issue_cards", creator=bytes(16),
        created_at=1, expires_at=2, reason=Reason.CARDS_FOR_STOCK, parameters=parameters,
    )  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
@pytest.mark.parametrize("cycle", [None, UUID(int=9)])
def test_an_order_is_read_back_from_its_proposal(layout, cycle):
    order = replace(ORDER, layout=layout, cycle=cycle)

    assert order_of(parse(proposed(*order.parameters()).canonical())) == order


@pytest.mark.parametrize(
    "parameters",
    [(), (None, 1, 10, 20_000), (None, 1, 10, 20_000, 99, ["es"], "1"), (b"x", 1, 1, 1, 1, [], "")],
)
def test_what_is_no_order_is_not_carried_out(parameters):
    with pytest.raises(ApprovalInvalid):
        order_of(proposed(*parameters))


def test_a_whole_order_may_be_proposed():
    require_orderable(ORDER, cards=20, today=TODAY, words=["es", "en", "ar"])


@pytest.mark.parametrize(
    ("field", "change", "cards"),
    [
        ("stock", {"stock": -1}, 20),
        ("stock", {"stock": 100_001}, 100_001),
        ("stock", {"stock": 0}, 0),
        ("years", {"expires_on": TODAY}, 20),
        ("years", {"expires_on": date(2037, 12, 31)}, 20),
        ("languages", {"languages": ()}, 20),
        ("languages", {"languages": ("es", "es")}, 20),
        ("languages", {"languages": ("es", "en", "ar")}, 20),
        ("languages", {"languages": ("tlh",)}, 20),
        ("help_line", {"help_line": ""}, 20),
        ("help_line", {"help_line": "1" * 33}, 20),
    ],
)
def test_what_cannot_be_printed_is_not_proposed(field, change, cards):
    with pytest.raises(OrderRefused) as refused:
        require_orderable(
            replace(ORDER, **change), cards=cards, today=TODAY, words=["es", "en", "ar"]
        )

    assert refused.value.field == field
