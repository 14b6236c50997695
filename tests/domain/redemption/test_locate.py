"""Finding a card on a list: young cards, old cards, cards the chain cannot reach."""

from despensa.domain.redemption.locate import first_scope_tags, index_lease, locate_card
from tests.factories import field


def test_a_card_too_old_for_the_chain_is_found_nowhere():
    listed = field.lease_card(field.a_card(), step=field.EPOCH + 200)
    entitlement = field.LeaseEntitlement(0, field.GOODS, (listed,))
    index = index_lease(field.a_lease(entitlements=(entitlement,)))

    assert locate_card(field.a_card(), index)
    ancient = field.a_card(epoch=0)
    far = field.lease_card(field.a_card(1, epoch=30), step=270)
    far_index = index_lease(
        field.a_lease(entitlements=(field.LeaseEntitlement(0, field.GOODS, (far,)),))
    )
    assert locate_card(ancient, far_index) == ()
    assert first_scope_tags(ancient, far_index) == ()


def test_cards_of_several_steps_stand_on_one_list():
    young = field.a_card(1, epoch=field.STEP + 2)
    cards = (
        field.lease_card(field.a_card()),
        field.lease_card(young, step=field.STEP + 2),
    )
    entitlements = tuple(field.LeaseEntitlement(0, field.GOODS, (card,)) for card in cards)
    index = index_lease(field.a_lease(entitlements=entitlements))

    assert [place.entitlement for place in locate_card(field.a_card(), index)] == [0]
    assert [place.entitlement for place in locate_card(young, index)] == [1]
    assert first_scope_tags(young, index) == (cards[1].tag,)


def test_a_tag_under_another_step_than_it_says_is_not_taken():
    card = field.a_card()
    wrong = field.LeaseCard(field.STEP + 1, field.tag_of(card), bytes(8), field.STEP + 1, None)
    right = field.lease_card(field.a_card(1))
    entitlements = (
        field.LeaseEntitlement(0, field.GOODS, (wrong,)),
        field.LeaseEntitlement(0, field.GOODS, (right,)),
    )

    assert locate_card(card, index_lease(field.a_lease(entitlements=entitlements))) == ()


def test_a_card_between_the_steps_of_a_list_has_most_likely_its_own_epochs_tag():
    steps = (field.STEP, field.STEP + 4)
    entitlements = tuple(
        field.LeaseEntitlement(0, field.GOODS, (field.lease_card(card, step=step),))
        for card, step in zip((field.a_card(), field.a_card(epoch=9)), steps, strict=True)
    )
    index = index_lease(field.a_lease(entitlements=entitlements))
    between = field.a_card(1, epoch=field.STEP + 2)

    assert first_scope_tags(between, index) == (
        field.tag_of(between, step=field.STEP + 2),
        field.tag_of(between, step=field.STEP + 4),
    )
