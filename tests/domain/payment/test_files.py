"""Payment files: valid for the standard's own schema, read back by somebody else's library."""

import csv
import io
import tracemalloc
from datetime import date

import pytest
from lxml import etree
from pyiso20022.pain.pain_001_001_09 import Document
from xsdata.formats.dataclass.parsers import XmlParser

from despensa.domain.payment.order import AccountKind, Head, Payment, account_fault
from despensa.domain.payment.pain001 import pain001
from despensa.domain.payment.reference import reference
from despensa.domain.payment.table import ColumnsUnknown, cash_list, columns_of, csv_file

IBAN = "DE89370400440532013000"
PAYMENTS = [
    Payment(f"D{'A' * 24}{letters}", 1050 + at, name, account, agent)
    for at, (letters, name, account, agent) in enumerate(
        [
            ("AA", "Núñez & Söhne <x>", IBAN, "COBADEFFXXX"),
            ("AB", "نور حداد", "GB82WEST12345698765432", ""),
            ("AC", "A" * 200, "0012-3456", "Caja 7"),
            ("AD", "]]>&amp;\u0000\u202e", "ES9121000418450200051332", ""),
        ]
    )
]


def head(payments=PAYMENTS, **settings):
    return Head(
        "M1", 1_795_276_800, "Municipality of Río", IBAN, "COBADEFFXXX", "EUR",
        date(2026, 12, 1), len(payments), sum(one.amount for one in payments), settings,
    )  # fmt: skip


def test_pain_001_is_valid_for_the_schema_of_the_standard(shared_samples):
    path = shared_samples.parent / "schemas/iso20022/pain.001.001.09.xsd"
    if not path.exists():
        pytest.skip(f"no {path}")

    made = b"".join(pain001(head(), PAYMENTS))

    etree.XMLSchema(etree.parse(path)).assertValid(etree.fromstring(made))


def test_pain_001_is_read_back_by_another_library():
    made = b"".join(pain001(head(), PAYMENTS))

    sent = XmlParser().from_bytes(made, Document).cstmr_cdt_trf_initn

    lines = sent.pmt_inf[0].cdt_trf_tx_inf
    assert [(one.pmt_id.end_to_end_id, str(one.amt.instd_amt.value)) for one in lines] == [
        (one.reference, f"10.5{at}") for at, one in enumerate(PAYMENTS)
    ]
    assert str(sent.grp_hdr.ctrl_sum) == "42.06"
    assert lines[0].cdtr_acct.id.iban == IBAN
    assert lines[0].cdtr.nm == "Nunez Soehne x"
    assert lines[2].cdtr_acct.id.othr.id == "0012-3456"
    assert sent.pmt_inf[0].reqd_exctn_dt.dt.to_date() == date(2026, 12, 1)


def test_the_same_orders_give_the_same_bytes():
    assert b"".join(pain001(head(), PAYMENTS)) == b"".join(pain001(head(), iter(PAYMENTS)))


def test_a_long_file_is_written_without_holding_it():
    def many(count):
        for at in range(count):
            made = reference(b"k" * 32, person=at.to_bytes(16, "big"), item=b"i" * 16, failures=0)
            yield Payment(made, 1, "Ana", IBAN)

    tracemalloc.start()
    length = sum(map(len, pain001(head(), many(4_000))))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert length > 1_000_000
    assert peak < 700_000


def test_a_table_has_the_columns_of_its_setting_and_runs_nothing():
    payments = [Payment("D" * 27, 1, '=HYPERLINK("x")', "+8801712345678"), PAYMENTS[0]]

    made = b"".join(csv_file(head(payments, columns="account=MSISDN,name,amount=Amt"), payments))

    assert list(csv.reader(io.StringIO(made.decode()))) == [
        ["MSISDN", "name", "Amt"],
        ["+8801712345678", '\'=HYPERLINK("x")', "0.01"],
        [IBAN, "Núñez & Söhne <x>", "10.50"],
    ]


def test_a_cash_list_has_a_column_to_sign_in_and_no_account():
    made = b"".join(cash_list(head(), PAYMENTS[:2])).decode()

    rows = list(csv.DictReader(io.StringIO(made)))
    assert [row["signature"] for row in rows] == ["", ""]
    assert "account" not in rows[0]
    assert [row["number"] for row in rows] == ["1", "2"]


def test_a_setting_with_an_unknown_column_is_refused():
    with pytest.raises(ColumnsUnknown, match="religion"):
        columns_of("reference,religion")


@pytest.mark.parametrize(
    "kind, account, is_right",
    [
        (AccountKind.IBAN, IBAN, True),
        (AccountKind.IBAN, "DE88370400440532013000", False),
        (AccountKind.IBAN, "de89 3704", False),
        (AccountKind.PHONE, "+8801712345678", True),
        (AccountKind.PHONE, "01712345678", False),
        (AccountKind.OTHER, "0012-3456", True),
        (AccountKind.OTHER, "<x>", False),
        (AccountKind.CASH, "", True),
        (AccountKind.CASH, IBAN, False),
    ],
)
def test_an_account_is_checked_before_money_is_sent_to_it(kind, account, is_right):
    assert (account_fault(kind, account) is None) is is_right
