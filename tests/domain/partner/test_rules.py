"""What a partner may be told, who may agree, which agreement may be made, which request is read."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from despensa.domain.catalogue import load_catalogue
from despensa.domain.partner import answer as answers
from despensa.domain.partner import request as requests
from despensa.domain.partner.agreement import (
    Agreement,
    AgreementWrong,
    Wrong,
    agreement_of,
    check,
    check_callback,
)
from despensa.domain.partner.consent import (
    About,
    ConsentRefused,
    Fault,
    SharedFor,
    Somebody,
    check_consent,
    check_giver,
    fields_about,
)
from despensa.domain.partner.rejection import HeaderCode, Rejected, SearchCode

TODAY = date(2026, 11, 21)
AT = "2026-11-21T16:00:00+00:00"
AGREEMENT = Agreement(
    "spmis.example.org", "Ministry", bytes(32), (1, 2), ("full_name", "displaced"),
    TODAY + timedelta(days=100), 30, 100,
)  # fmt: skip


def test_a_partner_reads_own_fields_and_the_facts_that_name_it():
    catalogue = load_catalogue()

    person, household = (fields_about(about, catalogue) for about in About)

    assert person == ("full_name", "birth_month", "sex", "area")
    assert household == ("area", "group_size", "displaced", "livelihood_lost", "language")
    assert "income_monthly_minor" not in household


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"sender_id": "A b"}, Wrong.SENDER),
        ({"name": ""}, Wrong.NAME),
        ({"public_key": bytes(31)}, Wrong.KEY),
        ({"purposes": (9,)}, Wrong.PURPOSES),
        ({"purposes": ()}, Wrong.PURPOSES),
        ({"fields": ("religion",)}, Wrong.FIELDS),
        ({"fields": ("income_monthly_minor",)}, Wrong.FIELDS),
        ({"fields": ()}, Wrong.FIELDS),
        ({"until": TODAY}, Wrong.UNTIL),
        ({"until": TODAY + timedelta(days=1099)}, Wrong.UNTIL),
        ({"a_day": 101}, Wrong.DAY),
        ({"an_hour": 0}, Wrong.HOUR),
        ({"callback": "http://spmis.example.org/"}, Wrong.CALLBACK),
    ],
)
def test_an_agreement_that_may_not_be_made_says_why(change, wrong):
    check(AGREEMENT, today=TODAY, catalogue=load_catalogue())

    with pytest.raises(AgreementWrong) as refused:
        check(replace(AGREEMENT, **change), today=TODAY, catalogue=load_catalogue())

    assert refused.value.wrong is wrong


def test_an_agreement_comes_out_of_its_proposal_as_it_went_in():
    assert agreement_of(AGREEMENT.parameters()) == AGREEMENT


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/x",
        "https://a.localhost/x",
        "https://printer.local/",
        "https://user@spmis.example.org/",
        "https://spmis.example.org:8443/",
        "https://spmis.example.org/?a=b",
        "https://spmis.example.org/#a",
        "https://spmis.example.org\\@evil.example/",
        "https://spmis.example.org/\r\nX: y",
        "ftp://spmis.example.org/",
        "//spmis.example.org/",
        "https://",
    ],
)
def test_answers_go_to_https_on_a_public_name_and_nowhere_else(address):
    assert check_callback("https://spmis.example.org/dci/on-search") == "spmis.example.org"

    with pytest.raises(AgreementWrong):
        check_callback(address)


def consent(**other):
    given = {
        "about": About.PERSON,
        "fields": ("full_name",),
        "purpose": SharedFor.ASSESS_ASSISTANCE,
        "until": TODAY + timedelta(days=30),
        "today": TODAY,
        "partner_fields": ("full_name", "area"),
        "partner_purposes": (1,),
        "partner_until": TODAY + timedelta(days=400),
        "catalogue": load_catalogue(),
    }
    check_consent(**(given | other))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"fields": ()}, Fault.FIELDS),
        ({"fields": ("full_name", "full_name")}, Fault.FIELDS),
        ({"fields": ("sex",)}, Fault.NOT_TOLD),
        ({"fields": ("group_size",)}, Fault.NOT_TOLD),
        ({"purpose": SharedFor.DELIVER_ASSISTANCE}, Fault.PURPOSE),
        ({"until": TODAY}, Fault.UNTIL),
        ({"partner_until": TODAY + timedelta(days=29)}, Fault.UNTIL),
        ({"until": TODAY + timedelta(days=367)}, Fault.TOO_LONG),
    ],
)
def test_a_consent_names_no_more_than_the_agreement_and_ends(change, fault):
    consent()

    with pytest.raises(ConsentRefused) as refused:
        consent(**change)

    assert refused.value.fault is fault


ADULT, CHILD = date(1980, 1, 1), date(2015, 1, 1)


@pytest.mark.parametrize(
    ("about", "subject", "giver", "fault"),
    [
        (About.PERSON, None, Somebody(1, True, ADULT), None),
        (About.PERSON, None, Somebody(1, True, None), None),
        (About.HOUSEHOLD, None, Somebody(1, True, ADULT), None),
        (About.PERSON, Somebody(1, True, CHILD), Somebody(1, True, ADULT), None),
        (About.PERSON, None, Somebody(1, True, CHILD), Fault.NOT_GROWN_UP),
        (About.HOUSEHOLD, None, Somebody(1, False, ADULT), Fault.NOT_GROWN_UP),
        (About.PERSON, Somebody(1, True, ADULT), Somebody(1, True, ADULT), Fault.FOR_THEMSELVES),
        (About.PERSON, Somebody(2, True, CHILD), Somebody(1, True, ADULT), Fault.OTHER_HOME),
    ],
)
def test_who_may_agree(about, subject, giver, fault):
    def given():
        check_giver(about, giver if subject is None else subject, giver, today=TODAY)

    if fault is None:
        given()
        return
    with pytest.raises(ConsentRefused) as refused:
        given()
    assert refused.value.fault is fault


def header(**other):
    given = {
        "message_id": "m-1", "message_ts": AT, "action": "search", "sender_id": "s",
        "receiver_id": "r", "total_count": 1,
    }  # fmt: skip
    return requests.read_header(given | other)


def criteria(**other):
    given = {
        "query_type": "idtype-value",
        "query": {"type": "NIN", "value": "V-1"},
        "consent": {"purpose": {"code": "assess_assistance"}},
    }
    return given | other


def search(items=1, head=None, **other):
    one = {"reference_id": "r-1", "timestamp": AT, "search_criteria": criteria()}
    message = {"transaction_id": "t-1", "search_request": [one | other] * items}
    return requests.read_search(head or header(total_count=items), message)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reference_id": ""}, SearchCode.REFERENCE),
        ({"reference_id": "a b"}, SearchCode.REFERENCE),
        ({"timestamp": "2026-11-21T16:00:00"}, SearchCode.TIME),
        ({"search_criteria": []}, SearchCode.CRITERIA),
        ({"search_criteria": criteria(query_type="expression")}, SearchCode.FILTER),
        ({"search_criteria": criteria(query_type="predicate", query=[])}, SearchCode.FILTER),
        ({"search_criteria": criteria(query_type="graphql")}, SearchCode.FILTER),
        ({"search_criteria": criteria(query={"type": "NIN", "value": ["1", "2"]})}, SearchCode.CRITERIA),
        ({"search_criteria": criteria(query={"type": "NIN", "value": 5})}, SearchCode.CRITERIA),
        ({"search_criteria": criteria(query={"type": "nin", "value": "5"})}, SearchCode.CRITERIA),
        ({"search_criteria": criteria(query={"type": "NIN", "value": " "})}, SearchCode.CRITERIA),
        ({"search_criteria": criteria(consent={})}, SearchCode.CRITERIA),
        ({"search_criteria": criteria(consent={"purpose": {"code": "x"}})}, SearchCode.CRITERIA),
        ({"search_criteria": criteria(sort=[{"attribute_name": "x"}])}, SearchCode.SORT),
        ({"search_criteria": criteria(pagination={"page_size": 10, "page_number": 2})}, SearchCode.PAGINATION),
        ({"search_criteria": criteria(pagination={"page_size": 0})}, SearchCode.PAGINATION),
        (
            {
                "search_criteria": criteria(
                    query={"type": "HOUSEHOLD_ID", "value": "x"}, response_entity="Member"
                )
            },
            SearchCode.CRITERIA,
        ),
    ],
)  # fmt: skip
def test_what_is_not_answered_gets_the_standards_own_code(change, code):
    assert isinstance(search(), requests.Ask)

    [rejected] = search(**change).searches

    assert rejected.code is code


def test_lists_are_rejected_as_lists():
    many = search(items=2)
    assert many.code is HeaderCode.COUNT_LIMIT
    assert [one.code for one in many.searches] == [SearchCode.CRITERIA, SearchCode.REFERENCE_TWICE]
    assert search(head=header(total_count=2)).code is HeaderCode.COUNT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": "2.0.0"}, HeaderCode.VERSION),
        ({"action": "subscribe"}, HeaderCode.ACTION),
        ({"receiver_id": "somebody else"}, None),
        ({"is_msg_encrypted": True}, HeaderCode.NOT_SUPPORTED),
        ({"sender_uri": "https://evil.example/"}, None),
    ],
)
def test_a_header_that_is_not_for_this_door(change, code):
    requests.check_header(header(), action="search", receiver="r", callback="")

    with pytest.raises(Rejected) as rejected:
        requests.check_header(header(**change), action="search", receiver="r", callback="")

    assert rejected.value.code is code


def test_an_answer_is_kept_as_it_was():
    made = answers.nothing(
        transaction="t", reference="r", about=About.PERSON, correlation="c", at=1
    )

    assert answers.unpacked(made.packed()) == made
