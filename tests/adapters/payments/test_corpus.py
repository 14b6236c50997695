"""Dirty files of banks and providers: a clear sentence, the other lines read, never a crash."""

import io
import tracemalloc

import openpyxl
import pytest
from lxml import etree

from despensa.adapters.payments.iso20022 import CAMT_053, PAIN_002, read_camt053, read_pain002
from despensa.adapters.payments.problem import StatementRefused
from despensa.adapters.payments.tables import Columns, read_csv, read_hope
from despensa.domain.payment.order import Outcome

A, B = "D" + "A" * 26, "D" + "B" * 26


def camt(entries, *, namespace=CAMT_053, before=""):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<Document xmlns="{namespace}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-12-02T00:00:00+00:00</CreDtTm>"
        "</GrpHdr><Stmt><Id>1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>"
        '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-12-02</Dt></Dt></Bal>"
        f"{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def details(*references, amount="10.50", more=""):
    return "".join(
        f"<TxDtls><Refs><EndToEndId>{one}</EndToEndId></Refs>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd>{more}</TxDtls>'
        for one in references
    )


def entry(inner="", *, amount="21.00", side="DBIT", status="BOOK", reversal=""):
    inside = f"<NtryDtls>{inner}</NtryDtls>" if inner else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{reversal}'
        f"<Sts><Cd>{status}</Cd></Sts><BkTxCd/>{inside}</Ntry>"
    )


def lines(content, read=read_camt053):
    return list(read(io.BytesIO(content)))


def told(content, read=read_camt053):
    return [(one.reference, one.amount, one.currency, one.outcome) for one in lines(content, read)]


def test_a_statement_is_read_entry_by_entry_and_payment_by_payment():
    returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    made = camt(
        entry(details(A, B))
        + entry(details(A, more=returned), amount="10.50", side="CRDT")
        + entry(details(B), reversal="<RvslInd>true</RvslInd>")
        + entry(details(A), status="PDNG")
        + entry()
    )

    assert told(made) == [
        (A, 1050, "EUR", Outcome.PAID),
        (B, 1050, "EUR", Outcome.PAID),
        (A, 1050, "EUR", Outcome.RETURNED),
        (B, 1050, "EUR", Outcome.RETURNED),
        (A, 1050, "EUR", Outcome.PENDING),
        ("", 2100, "EUR", Outcome.PAID),
    ]
    assert lines(made)[2].reason == "AC04"


def test_the_statement_of_the_tests_is_one_of_the_standard(shared_samples):
    path = shared_samples.parent / "schemas/iso20022/camt.053.001.08.xsd"
    if not path.exists():
        pytest.skip(f"no {path}")
    returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"

    made = camt(entry(details(A, B)) + entry(details(A, more=returned)))

    etree.XMLSchema(etree.parse(path)).assertValid(etree.fromstring(made))


@pytest.mark.parametrize("amount", ["-10.50", "10,50", "10.505", "", "1e9", "9" * 40])
def test_an_amount_nobody_can_read_is_the_fault_of_its_line_alone(amount):
    made = camt(entry(details(A, amount=amount) + details(B), amount=amount or "x"))

    first, second = lines(made)

    assert first.outcome is None
    assert "amount" in first.fault
    assert (second.reference, second.outcome, second.fault) == (B, Outcome.PAID, "")


BOMB = "<!DOCTYPE x [" + "".join(
    f'<!ENTITY e{at} "{f"&e{at - 1};" * 10 if at else "x" * 9}">' for at in range(10)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    "content, said",
    [
        (camt(entry(details("&e9;")), before=BOMB), "document type"),
        (camt("", before='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "document type"),
        (camt(entry(details(A)))[:-40], "cut off"),
        (camt("", namespace="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"), "camt.053.001.02"),
        (camt("<" + "a>" * 3), "cut off"),
        (b"", "cut off"),
        (b"PK\x03\x04 not xml", "cut off"),
        (camt("<a>" * 60 + "</a>" * 60), "too deep"),
        (f'<Document xmlns="{CAMT_053}"><Other/></Document>'.encode(), "holds no"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(content, said):
    with pytest.raises(StatementRefused, match=said):
        lines(content)


class Endless(io.RawIOBase):
    """A statement of many lines that lies nowhere."""

    def __init__(self, count):
        self._parts = self._made(count)
        self._rest = b""

    def _made(self, count):
        begin, end = camt(entry("§")).split("§".encode())
        yield begin
        for _ in range(count // 100):
            yield details(A).encode() * 100
        yield end

    def read(self, size=-1):
        while len(self._rest) < size and (part := next(self._parts, b"")):
            self._rest += part
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def test_a_statement_of_thousands_of_lines_in_one_entry_takes_the_memory_of_one():
    tracemalloc.start()
    count = sum(one.outcome is Outcome.PAID for one in read_camt053(Endless(4_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 4_000
    assert peak < 1_000_000


def test_a_status_report_says_paid_rejected_or_still_open():
    transactions = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{one}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf></TxInfAndSts>"
        for one, status, reason in [(A, "RJCT", "AC01"), (B, "ACSC", ""), (A, "PDNG", ""),
                                    (B, "WHAT", "")]
    )  # fmt: skip
    made = (
        f'<Document xmlns="{PAIN_002}"><CstmrPmtStsRpt><OrgnlPmtInfAndSts>{transactions}'
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()

    assert told(made, read_pain002) == [
        (A, None, None, Outcome.REJECTED),
        (B, None, None, Outcome.PAID),
        (A, None, None, Outcome.PENDING),
        (B, None, None, None),
    ]
    assert lines(made, read_pain002)[0].reason == "AC01"


def table(*rows, heads="Ref;Betrag;Währung;Status"):
    return "\r\n".join([heads, *rows]).encode()


GERMAN = Columns("Ref", "Betrag", "Währung", "Status", comma=True, separator=";")


def test_a_table_is_read_by_its_mapping_and_bad_rows_stop_nobody():
    made = table(
        f"{A};1.010,50;EUR;Paid", f"{B};10.50;EUR;paid", f"{A};-1,00;EUR;failed", f"{B};;;failed",
        "", f"{A};1,00;EUR;perhaps", "x",
    )  # fmt: skip

    found = lines(made, lambda stream: read_csv(stream, GERMAN))

    assert [(one.number, one.amount, one.outcome) for one in found] == [
        (2, 101050, Outcome.PAID),
        (3, None, None),
        (4, None, None),
        (5, None, Outcome.REJECTED),
        (7, None, None),
        (8, None, None),
    ]
    assert "below zero" in found[2].fault


@pytest.mark.parametrize(
    "content, said",
    [
        (table(heads="Ref;Amount"), "no column 'Status'"),
        (b"", "no column"),
        (table(f'"{A};1,00;EUR;paid'), "quotation mark"),
        (table(f"{A};1,00;EUR;paid").decode().encode("latin-1"), "UTF-8"),
        (table("x" * 20_000), "breaks off"),
    ],
)
def test_a_table_that_is_none_is_refused_with_a_sentence(content, said):
    with pytest.raises(StatementRefused, match=said):
        lines(content, lambda stream: read_csv(stream, GERMAN))


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


HEADS = ["payment_id", "currency", "entitlement_quantity", "delivered_quantity", "status"]


def test_hopes_workbook_says_paid_nothing_wrong_or_still_open():
    made = workbook(
        HEADS, ["P1", "EUR", 99, 99, "x"], ["P2", "DOP", 11.11, 11.11, None], ["P3", "EUR", 5, 0, 1],
        ["P4", "EUR", 5, -1, 1], ["P5", "EUR", 5, None, 1], ["P6", "EUR", 5, 1.005, 1], [None] * 5,
        ["P7", "EUR", 5, "1,50", 1],
    )  # fmt: skip

    assert told(made, read_hope) == [
        ("P1", 9900, "EUR", Outcome.PAID),
        ("P2", 1111, "DOP", Outcome.PAID),
        ("P3", None, "EUR", Outcome.REJECTED),
        ("P4", None, "EUR", Outcome.REJECTED),
        ("P5", None, "EUR", Outcome.PENDING),
        ("P6", None, None, None),
        ("P7", None, None, None),
    ]


def test_hopes_own_sample_is_read(shared_samples):
    sample = shared_samples / "hope-reconciliation.xlsx"

    found = lines(sample.read_bytes(), read_hope)

    assert [(one.reference, one.amount, one.outcome) for one in found] == [
        ("RCPT-4410-25-2.111", 9900, Outcome.PAID),
        ("RCPT-4410-25-2.222", 1111, Outcome.PAID),
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", workbook(["a", "b"]), b"x" * 100])
def test_a_workbook_that_is_none_is_refused_with_a_sentence(content):
    with pytest.raises(StatementRefused, match=r"workbook|column"):
        lines(content, read_hope)
