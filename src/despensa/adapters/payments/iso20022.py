"""
Reads what banks answer: pain.002.001 status reports and camt.053.001.08 statements.

A camt entry may hold many transactions: each is a line. Source: ISO 20022 message definitions.
"""

from collections.abc import Iterator
from typing import BinaryIO

from despensa.adapters.payments.xml_events import Records, Texts, ending, first
from despensa.domain.payment.amount import AmountUnreadable, minor_units
from despensa.domain.payment.order import Outcome
from despensa.domain.payment.statement import Line

PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.11"
CAMT_053 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_STATES = {
    "ACSC": Outcome.PAID,
    "ACCC": Outcome.PAID,
    "RJCT": Outcome.REJECTED,
    "CANC": Outcome.REJECTED,
    **dict.fromkeys(("ACCP", "ACSP", "ACTC", "ACWC", "ACFC", "PDNG", "RCVD"), Outcome.PENDING),
}
_REFERENCE_MAX = 35
_TRANSACTION = ("NtryDtls", "TxDtls")


def read_pain002(stream: BinaryIO) -> Iterator[Line]:
    """
    Yield a line for each transaction a status report names.

    Raises: StatementRefused.
    """
    records = Records(stream, namespace=PAIN_002, message="CstmrPmtStsRpt", record="TxInfAndSts")
    for number, texts in enumerate(records, 1):
        state = first(texts, "TxSts")
        outcome = _STATES.get(state)
        fault = "" if outcome is not None else f"status {state[:10] or 'missing'} is not known"
        amount = first(texts, "OrgnlTxRef", "Amt", "InstdAmt")
        currency = first(texts, "OrgnlTxRef", "Amt", "InstdAmt", "@Ccy")
        yield _line(
            number,
            first(texts, "OrgnlEndToEndId"),
            amount,
            currency,
            outcome,
            reason=ending(texts, "Rsn", "Cd"),
            fault=fault,
        )


def read_camt053(stream: BinaryIO) -> Iterator[Line]:
    """
    Yield a line for each transaction of each entry of a statement.

    Debits are payments that left; a credit with one of our references, or a debit that is reversed,
    is money that came back. Raises: StatementRefused.
    """
    records = Records(
        stream, namespace=CAMT_053, message="BkToCstmrStmt", record="Ntry", part=_TRANSACTION
    )
    for number, texts in enumerate(records, 1):
        entry = [one for one in texts if one[0][:1] != _TRANSACTION[:1]]
        transaction = [(at[2:], text) for at, text in texts if at[:2] == _TRANSACTION]
        yield _camt_line(number, entry, transaction)


def _camt_line(number: int, entry: Texts, transaction: Texts) -> Line:
    status = first(entry, "Sts", "Cd") or first(entry, "Sts", "Prtry") or first(entry, "Sts")
    side = first(transaction, "CdtDbtInd") or first(entry, "CdtDbtInd")
    is_reversal = first(entry, "RvslInd") in {"true", "1"} or any(
        path[0] == "RtrInf" for path, _ in transaction
    )
    outcome: Outcome | None
    fault = ""
    if status == "BOOK":
        outcome = Outcome.PAID if side == "DBIT" and not is_reversal else Outcome.RETURNED
    elif status in {"PDNG", "INFO"}:
        outcome = Outcome.PENDING
    else:
        outcome, fault = None, f"entry status {status[:10] or 'missing'} is not known"
    if side not in {"DBIT", "CRDT"}:
        outcome, fault = None, "the entry says neither debit nor credit"
    amount, currency = first(transaction, "Amt"), first(transaction, "Amt", "@Ccy")
    if not amount:
        amount, currency = first(entry, "Amt"), first(entry, "Amt", "@Ccy")
    return _line(
        number,
        first(transaction, "Refs", "EndToEndId"),
        amount,
        currency,
        outcome,
        reason=ending(transaction, "RtrInf", "Rsn", "Cd"),
        fault=fault,
    )


def _line(
    number: int,
    reference: str,
    amount: str,
    currency: str,
    outcome: Outcome | None,
    *,
    reason: str,
    fault: str,
) -> Line:
    units: int | None = None
    if amount and not fault:
        try:
            units = minor_units(amount, currency)
        except AmountUnreadable as error:
            fault = f"amount {amount[:30]!r}: {error}"
    return Line(
        number,
        reference[:_REFERENCE_MAX],
        units,
        currency[:3] or None,
        None if fault else outcome,
        reason[:10],
        fault,
    )
