"""
Set where a person is paid: checked, sealed under their key, a new row for every change.

A change shortly before a payment needs another person (`confirm_payee`) and waits until then.
Source: docs/explanation/design.md, section 8.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.payment.order import AccountKind, account_fault
from despensa.domain.ports.keeper import KeyedPerson, PersonVault, RowToSeal
from despensa.domain.sealing import Column, ToSeal
from despensa.domain.transparency import journal
from despensa.domain.transparency.entry import private_entry
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.payees import store
from despensa.records.payees.queries import ProviderView
from despensa.records.tables import TABLE_NUMBER

ACTION = "set_payee"


class AccountWrong(ValueError):
    """No money may be sent to this account: the text says why and never shows it."""


def set_payee(
    person: UUID,
    provider: ProviderView,
    account: str,
    agent: str,
    *,
    acting: Acting,
    vault: PersonVault,
) -> bool:
    """
    Return whether this changed an account that was set before.

    Raises: AccountWrong.
    """
    fault = account_fault(AccountKind(provider.account_kind), account)
    if fault is not None:
        raise AccountWrong(f"The account was not taken: {fault}.")
    if acting.staff is None:
        raise ValueError("an account is set by a person")
    with transaction.atomic(using=REGISTRY):
        found = store.lock_person(person)
        if found is None:
            raise AccountWrong("There is no such person any more.")
        key, last = found
        is_change = last is not None
        payee = acting.new_id()
        value = ToSeal(Column.PAYEE, payee.bytes, 1, [account, agent])
        [[sealed]] = vault.seal([(key, [value])])
        store.add_payee(
            store.NewPayee(payee, person, provider.id, sealed, is_change),
            by=acting.staff,
            # of two in one second the later counts
            at=acting.at if last is None else max(acting.at, last + 1),
        )
        columns: dict[int | str, object] = {
            "registrant_id": person.bytes,
            "provider_id": provider.id.bytes,
            "sealed": sealed,
            "is_change": is_change,
        }
        _journal(key, payee, columns, acting=acting, vault=vault)
    return is_change


def _journal(
    key: KeyedPerson,
    payee: UUID,
    columns: dict[int | str, object],
    *,
    acting: Acting,
    vault: PersonVault,
) -> None:
    """Write the row closed under the person's key, as everything about a person is."""
    entry = acting.new_id()
    [body] = vault.seal_rows(entry.bytes, [RowToSeal(key, 0, journal.encode_columns(columns))])
    row = journal.Row(
        TABLE_NUMBER["payee"],
        journal.Op.INSERT,
        key.person + payee.bytes,
        journal.Seal.PERSON,
        body,
    )
    act = journal_store.act(REGISTRY, ACTION, acting)
    made = private_entry(act, entry=entry, salt=acting.new_salt(), rows=journal.encode_rows([row]))
    journal_store.append(REGISTRY, [made])


def confirm_payee(payee: UUID, *, acting: Acting) -> bool:
    """
    Return whether a change of an account was confirmed now.

    Raises: django.db.IntegrityError when whoever made it confirms it.
    """
    if acting.staff is None:
        raise ValueError("a change is confirmed by a person")
    with transaction.atomic(using=REGISTRY):
        if not store.confirm(payee, by=acting.staff, at=acting.at):
            return False
        columns: dict[int | str, object] = {"confirmed_by": acting.staff.bytes}
        rows = journal_rows.updated("payee", [(payee.bytes, columns)])
        journal_store.record(REGISTRY, "confirm_payee", acting, rows)
    return True
