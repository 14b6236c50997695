"""Where the money of a payment waits, goes and comes back to. Source: design, section 8."""

from dataclasses import dataclass

from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.posting import End, Move, Order
from despensa.domain.ledger.transfer import Cause
from despensa.domain.payment.reference import end_of, hold_of
from despensa.domain.payment.statement import Effect


@dataclass(frozen=True, slots=True)
class Owed:
    """
    A payment with what its accounts are named by; ids are 16 raw bytes. Units: minor units.

    `is_swept`: what comes back goes to the cycle's fund, because its accounts take nothing more.
    """

    reference: str
    account: bytes
    unit: int
    amount: int
    cycle: bytes
    provider: bytes
    is_swept: bool


def held_account(payment: Owed) -> bytes:
    """Return where the amounts of a cycle wait."""
    return named_account(AccountKind.HELD, cycle=payment.cycle)


def paid_account(payment: Owed) -> bytes:
    """Return what a provider was paid in a cycle."""
    return named_account(AccountKind.SETTLEMENT, cycle=payment.cycle, place=payment.provider)


def loss_account(payment: Owed) -> bytes:
    """Return where a payment goes for which no money is left."""
    return named_account(AccountKind.LOSS, cycle=payment.cycle)


def fund_account(payment: Owed) -> bytes:
    """Return the fund of a payment's cycle."""
    return named_account(AccountKind.FUND, cycle=payment.cycle)


def holding(payment: Owed, cause: bytes) -> Move:
    """Return the order that takes the amount off its account, the same for every retry."""
    return Move(
        hold_of(payment.reference).bytes,
        payment.account,
        paid_account(payment),
        payment.unit,
        payment.amount,
        int(Cause.PAYMENT),
        cause,
        held=held_account(payment),
    )


def order_of(effect: Effect, payment: Owed, occasion: bytes) -> Order | None:
    """Return the order that a line's effect is; `occasion` names the line, for what may recur."""
    hold = hold_of(payment.reference).bytes
    if effect is Effect.PAY:
        return End(end_of(payment.reference, "paid").bytes, hold, is_posted=True)
    if effect is Effect.FAIL:
        return End(end_of(payment.reference, "failed").bytes, hold, is_posted=False)
    if effect is Effect.NOTHING:
        return None
    recurring = end_of(payment.reference, f"{effect.name}/{occasion.hex()}").bytes
    if effect is Effect.TAKE_BACK:
        back = fund_account(payment) if payment.is_swept else payment.account
        cause, sides = Cause.PAYMENT_RETURNED, (paid_account(payment), back)
    else:
        source = fund_account(payment) if payment.is_swept else payment.account
        cause, sides = Cause.PAYMENT, (source, paid_account(payment))
    return Move(recurring, *sides, payment.unit, payment.amount, int(cause), hold)


def at_a_loss(order: Move, payment: Owed) -> Move:
    """Return the same payment, for which no money is left, as a loss under investigation."""
    return order._replace(debit=loss_account(payment))
