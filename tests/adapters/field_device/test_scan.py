"""What a demo phone does with a card: hand over once, refuse with a receipt, never forget."""

from dataclasses import replace

import pytest

from despensa.adapters.field_device import DeviceError, FieldDevice, SecondOperatorNeeded
from despensa.domain.card.tag import commitment32
from despensa.domain.event import (
    NO_SESSION,
    CollectedBy,
    EventKind,
    Means,
    Supervised,
    verify_event,
)
from despensa.domain.lease import CollectorCheckKind, CollectorRole, LeaseEntitlement, Scope
from despensa.domain.receipt import ReceiptKind, verify_receipt
from despensa.domain.redemption import Elsewhere, TagStatus
from despensa.domain.refusal import ENGLISH, Offered, RefusalReason
from tests.factories import field


@pytest.fixture
def phone(tmp_path):
    with field.a_phone(tmp_path / "phone") as phone:
        yield phone


def scan(phone, text, means=Means.CAMERA, **how):
    how = {"today": field.DAY} | how
    return phone.scan(text, means, how.pop("now", field.NOW), field.OPERATOR, **how)


def test_a_card_on_the_list_gets_its_goods(phone):
    result = scan(phone, field.card_text(), receipt_requested=True)

    assert result.outcome == "delivered"
    assert result.goods == field.GOODS
    receipt = verify_receipt(result.receipt, authority_keys=field.AUTHORITY.ring).receipt
    assert (receipt.kind, receipt.goods) == (ReceiptKind.DELIVERED, field.GOODS)
    event = verify_event(
        result.event,
        certificate=verify_receipt(result.receipt, authority_keys=field.AUTHORITY.ring).certificate,
    )
    assert event.tag == field.tag_of(field.a_card())


def test_a_delivered_receipt_is_made_only_on_request(phone):
    assert scan(phone, field.card_text()).receipt is None


def test_the_second_scan_on_the_same_phone_is_confirmed_as_collected(phone):
    scan(phone, field.card_text())

    again = scan(phone, field.card_text())

    assert again.reason is RefusalReason.COLLECTED_CONFIRMED
    assert again.offered is Offered.NONE


def test_it_is_remembered_after_a_restart(tmp_path):
    with field.a_phone(tmp_path / "phone") as phone:
        scan(phone, field.card_text())

    with FieldDevice.open(tmp_path / "phone") as reopened:
        assert scan(reopened, field.card_text()).reason is RefusalReason.COLLECTED_CONFIRMED


def test_a_household_that_collected_with_one_card_has_collected_with_the_other(tmp_path):
    cards = [field.a_card(0), field.a_card(1)]
    both = LeaseEntitlement(0, field.GOODS, tuple(field.lease_card(card) for card in cards))
    with field.a_phone(tmp_path / "p", lease=field.a_lease(entitlements=(both,))) as phone:
        assert scan(phone, field.card_text(cards[0])).outcome == "delivered"

        result = scan(phone, field.card_text(cards[1]))

    assert result.reason is RefusalReason.COLLECTED_CONFIRMED


def flipped(text):
    return text[:60] + ("A" if text[60] != "A" else "B") + text[61:]


@pytest.mark.parametrize(
    ["text", "reason"],
    [
        (None, RefusalReason.UNREADABLE),
        (field.card_text(issuer=field.STRANGER), RefusalReason.CANNOT_VERIFY),
        (flipped(field.card_text()), RefusalReason.NOT_GENUINE),
        ("https://example.org/", RefusalReason.NOT_GENUINE),
        (field.card_text(field.a_card(expires_at=field.NOW)), RefusalReason.EXPIRED),
        (field.card_text(field.a_card(1)), RefusalReason.UNKNOWN),
    ],
)
def test_every_bad_card_is_refused_with_a_receipt_that_verifies_offline(phone, text, reason):
    result = scan(phone, text)

    assert (result.outcome, result.reason) == ("refused", reason)
    verified = verify_receipt(result.receipt, authority_keys=field.AUTHORITY.ring)
    assert verified.receipt.kind is ReceiptKind.REFUSED
    assert verified.receipt.reason == reason
    assert verified.receipt.content_hash == result.written.event_hash
    assert verified.receipt.appeal_until == field.DAY + 30
    assert verified.receipt.offered is result.offered


def test_only_the_holders_receipt_opens_the_commitment_of_a_refusal(phone):
    card = field.a_card(1)

    result = scan(phone, field.card_text(card))

    event = verify_event(result.event, certificate=phone._trust.certificate)
    receipt = verify_receipt(result.receipt, authority_keys=field.AUTHORITY.ring).receipt
    assert event.commitment == commitment32(field.tag_of(card), nonce=receipt.nonce)
    assert event.tag is None
    assert field.tag_of(card) not in result.event
    assert receipt.nonce not in result.event


def test_a_closed_session_refuses_and_offers_a_supervised_delivery(phone):
    phone.close_session(field.NOW, field.OPERATOR)

    result = scan(phone, field.card_text())

    assert (result.reason, result.offered) == (RefusalReason.NO_SESSION, Offered.SUPERVISED)


def test_an_ended_list_is_no_list(phone):
    result = scan(phone, field.card_text(), now=field.LEASE_ENDS_AT)

    assert result.reason is RefusalReason.LIST_MISSING


def test_a_supervised_delivery_from_an_ended_list_claims_nothing_of_it(phone):
    refused = scan(phone, field.card_text(), now=field.LEASE_ENDS_AT)

    served = phone.deliver_supervised(
        refused,
        field.LEASE_ENDS_AT,
        field.OPERATOR,
        second_operator=field.POINT_LEAD,
        goods=field.GOODS,
    )

    assert served.event.lease_id is None


def test_the_district_index_tells_not_entitled_from_unknown(phone):
    card = field.a_card(1)
    index = {field.tag_of(card): Elsewhere(TagStatus.NOT_ENTITLED)}

    result = scan(phone, field.card_text(card), elsewhere=index)

    assert result.reason is RefusalReason.NOT_ENTITLED


def test_a_refused_person_is_served_once_on_two_peoples_word(phone):
    refused = scan(phone, None, Means.NO_CARD)

    served = phone.deliver_supervised(
        refused,
        field.NOW,
        field.OPERATOR,
        second_operator=field.POINT_LEAD,
        goods=field.GOODS,
        sealed_word=b"sealed",
    )

    assert served.event.kind is EventKind.DELIVERED
    assert served.event.supervised.reason is RefusalReason.UNREADABLE
    with pytest.raises(DeviceError, match="already answered"):
        phone.deliver_supervised(
            refused,
            field.NOW,
            field.OPERATOR,
            second_operator=field.POINT_LEAD,
            goods=field.GOODS,
        )


def test_one_person_alone_delivers_nothing_supervised(phone):
    refused = scan(phone, None)

    with pytest.raises(SecondOperatorNeeded):
        phone.deliver_supervised(
            refused,
            field.NOW,
            field.OPERATOR,
            second_operator=field.OPERATOR,
            goods=field.GOODS,
        )


def test_a_contested_collection_is_served_once_a_cycle(phone):
    scan(phone, field.card_text())
    contested = scan(phone, field.card_text(), contested=True)
    also_contested = scan(phone, field.card_text(), contested=True)
    answer = {"second_operator": field.POINT_LEAD, "goods": field.GOODS}

    phone.deliver_supervised(contested, field.NOW, field.OPERATOR, **answer)

    assert contested.offered is Offered.SUPERVISED
    assert scan(phone, field.card_text(), contested=True).offered is Offered.NONE
    with pytest.raises(DeviceError, match="already answered"):
        phone.deliver_supervised(also_contested, field.NOW, field.OPERATOR, **answer)


def test_a_typed_number_finds_the_household_and_takes_two_people(phone):
    number = field.NUMBERS[0].lower()
    with pytest.raises(SecondOperatorNeeded):
        scan(phone, number, Means.TYPED)

    result = scan(phone, number, Means.TYPED, second_operator=field.POINT_LEAD)

    assert result.outcome == "delivered"
    assert result.written.event.means is Means.TYPED
    assert result.written.event.supervised == Supervised(field.POINT_LEAD, None)
    assert not result.written.event.is_supervised


def test_a_mistyped_number_is_unreadable(phone):
    result = scan(phone, "C7Q488KD2A", Means.TYPED, second_operator=field.POINT_LEAD)

    assert result.written.event.supervised == Supervised(field.POINT_LEAD, None)

    assert result.reason is RefusalReason.UNREADABLE


def a_list_with_names():
    card = field.a_card()
    row = field.lease_card(card, names=("Amina Haddad",))
    entitlement = LeaseEntitlement(0, field.GOODS, (row,))
    return field.a_lease(entitlements=(entitlement,), check=CollectorCheckKind.NAME)


def test_the_collector_is_confirmed_by_a_name_only_the_card_opens(tmp_path):
    shown = []

    def confirm(collectors):
        shown.extend(collectors)
        return CollectedBy(CollectorRole.PRIMARY)

    with field.a_phone(tmp_path / "p", lease=a_list_with_names()) as phone:
        result = scan(phone, field.card_text(), confirm=confirm)

    assert [collector.name for collector in shown] == ["Amina Haddad"]
    assert result.outcome == "delivered"
    assert result.written.event.collector == CollectedBy(CollectorRole.PRIMARY)


def test_an_unconfirmed_collector_is_refused(tmp_path):
    with field.a_phone(tmp_path / "p", lease=a_list_with_names()) as phone:
        result = scan(phone, field.card_text(), confirm=lambda _: None)

    assert result.reason is RefusalReason.COLLECTOR_NOT_CONFIRMED


def test_names_stay_closed_for_a_refused_scan(tmp_path):
    def confirm(_):
        raise AssertionError("nobody may be shown")

    with field.a_phone(tmp_path / "p", lease=a_list_with_names(), is_open=False) as phone:
        result = scan(phone, field.card_text(), confirm=confirm)

    assert result.reason is RefusalReason.NO_SESSION


def test_a_card_in_two_programmes_gets_both_one_after_the_other(tmp_path):
    card = field.a_card()
    second = {"programme": field.SECOND_PROGRAMME, "cycle": field.SECOND_CYCLE}
    lease = field.a_lease(
        scopes=(
            Scope(field.PROGRAMME, field.CYCLE),
            Scope(field.SECOND_PROGRAMME, field.SECOND_CYCLE),
        ),
        entitlements=(
            LeaseEntitlement(0, field.GOODS, (field.lease_card(card),)),
            LeaseEntitlement(1, ((2, 5),), (field.lease_card(card, **second),)),
        ),
    )
    with field.a_phone(tmp_path / "p", lease=lease) as phone:
        given = [scan(phone, field.card_text()) for _ in range(3)]

    assert [result.goods for result in given] == [field.GOODS, ((2, 5),), ()]
    assert given[2].reason is RefusalReason.COLLECTED_CONFIRMED


def test_a_scan_the_operator_ends_is_aborted_and_leaves_no_trace_of_the_card(phone):
    result = phone.abort_scan(field.NOW, field.OPERATOR)

    assert (result.outcome, result.message_id) == ("aborted", "abort.operator")
    assert result.receipt is None
    assert result.written.event.tag is None


def test_every_result_has_a_sentence(phone):
    results = [scan(phone, field.card_text()), scan(phone, None)]

    assert [result.message_id for result in results] == ["scan.delivered", "refusal.unreadable"]
    assert all(result.message_id in ENGLISH for result in results)


def test_an_operator_is_told_that_a_household_on_the_wrong_day_was_served_before(phone):
    scan(phone, field.card_text())

    result = scan(phone, field.card_text(), today=field.DAY + 1)

    assert (result.reason, result.was_collected) == (RefusalReason.OTHER_DAY, True)


def test_names_that_do_not_open_refuse_the_collector_and_never_abort(tmp_path):
    row = replace(field.lease_card(field.a_card()), holder=bytes(60))
    entitlement = LeaseEntitlement(0, field.GOODS, (row,))
    lease = field.a_lease(entitlements=(entitlement,), check=CollectorCheckKind.NAME)
    shown = []

    with field.a_phone(tmp_path / "p", lease=lease) as phone:
        result = scan(phone, field.card_text(), confirm=shown.extend)

    assert shown == []
    assert result.reason is RefusalReason.COLLECTOR_NOT_CONFIRMED
    assert result.offered is Offered.SUPERVISED


def test_a_supervised_delivery_has_a_receipt_too(phone):
    refused = scan(phone, None, Means.NO_CARD)
    served = phone.deliver_supervised(
        refused,
        field.NOW,
        field.OPERATOR,
        second_operator=field.POINT_LEAD,
        goods=((field.PARCEL, 2),),
    )

    data = phone.delivered_receipt(served, today=field.DAY)

    receipt = verify_receipt(data, authority_keys=field.AUTHORITY.ring).receipt
    assert receipt.goods == ((field.PARCEL, 2),)


def test_a_phone_without_a_list_still_tells_cards_apart(tmp_path):
    with field.a_phone(tmp_path / "p", lease=False) as phone:
        genuine = scan(phone, field.card_text())
        forged = scan(phone, flipped(field.card_text()))
        typed = scan(phone, field.NUMBERS[0], Means.TYPED, second_operator=field.POINT_LEAD)

    reasons = [result.reason for result in (genuine, forged, typed)]
    assert reasons == [
        RefusalReason.NO_SESSION,
        RefusalReason.NOT_GENUINE,
        RefusalReason.NO_SESSION,
    ]
    receipt = verify_receipt(genuine.receipt, authority_keys=field.AUTHORITY.ring).receipt
    assert (receipt.point_id, receipt.nonce) == (None, None)
    assert genuine.written.event.session_id == NO_SESSION


def test_a_typed_number_that_is_not_listed_is_unknown(phone):
    result = scan(phone, field.NUMBERS[1], Means.TYPED, second_operator=field.POINT_LEAD)

    assert result.reason is RefusalReason.UNKNOWN


def test_a_delivery_is_not_followed_by_a_supervised_one(phone):
    delivered = scan(phone, field.card_text())

    with pytest.raises(DeviceError, match="follows a refusal"):
        phone.deliver_supervised(
            delivered,
            field.NOW,
            field.OPERATOR,
            second_operator=field.POINT_LEAD,
            goods=field.GOODS,
        )


def test_a_card_handed_over_is_an_event(phone):
    written = phone.hand_over_card(field.NUMBERS[0], field.NOW, field.OPERATOR)

    assert written.event.kind is EventKind.CARD_HANDED_OVER
    assert written.event.card_number == field.NUMBERS[0]
