"""Add a financial service provider, with what its files say once. Source: design, section 8."""

from django.db import IntegrityError, transaction

from despensa.domain.act import Acting
from despensa.domain.payment.order import AccountKind, Rail
from despensa.domain.payment.table import CASH, DEFAULT, columns_of
from despensa.records import journal_rows, journal_store
from despensa.records.databases import REGISTRY
from despensa.records.payees import store
from despensa.records.payees.queries import ProviderView

ACTION = "add_provider"


class ProviderWrong(ValueError):
    """What was said of the provider does not fit together: the text says what."""


def add_provider(provider: ProviderView, *, acting: Acting) -> None:
    """
    Write a provider.

    Raises: ProviderWrong; ColumnsUnknown.
    """
    _require_whole(provider)
    try:
        with transaction.atomic(using=REGISTRY):
            store.add_provider(provider)
            columns: dict[int | str, object] = {
                "code": provider.code,
                "names": dict(provider.names),
                "rail": int(provider.rail),
                "account_kind": int(provider.account_kind),
                "needs_document": provider.needs_document,
                "settings": dict(provider.settings),
            }
            rows = journal_rows.inserted("provider", [(provider.id.bytes, columns)])
            journal_store.record(REGISTRY, ACTION, acting, rows)
    except IntegrityError as error:
        raise ProviderWrong(f"There is a provider {provider.code} already.") from error


def _require_whole(provider: ProviderView) -> None:
    if provider.rail == Rail.PAIN_001:
        missing = [name for name in ("payer", "payer_account") if not provider.settings.get(name)]
        if missing:
            raise ProviderWrong(
                f"A bank's file names who pays and from where: give --setting {missing[0]}=..."
            )
    is_cash = provider.account_kind == AccountKind.CASH
    if is_cash is not (provider.rail == Rail.CASH_LIST):
        raise ProviderWrong("Cash has a cash list, and a cash list pays cash.")
    fallback = CASH if is_cash else DEFAULT
    columns_of(provider.settings.get("columns", ""), fallback)
