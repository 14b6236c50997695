"""
Give a wallet an access token for the code of the picture and the digits somebody typed, once.

A wrong try is counted and stays counted. Source: OpenID4VCI 1.0, sections 6.1 and 6.3.
"""

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.wallet import offer as rules
from despensa.records.databases import REGISTRY
from despensa.records.wallet import store


def use_wallet_code(codes: rules.Codes, *, acting: Acting) -> str | None:
    """
    Return an access token; None for codes that are unknown, used, late or wrong: all are one answer.

    Locks: the offer. After five wrong tries it is worth nothing.
    """
    token = rules.new_secret(acting.random)
    with transaction.atomic(using=REGISTRY):
        found = store.locked_by_code(rules.secret_hash(codes.code))
        if found is None or found.typed_hash is None:
            return None
        if found.until <= acting.at:
            store.end_offer(found.id)
            return None
        if not rules.is_typed(codes, found.typed_hash):
            store.count_try(found.id)
            if found.tries + 1 >= rules.TRIES_MAX:
                store.end_offer(found.id)
            return None
        store.use_code(
            found.id,
            token_hash=rules.secret_hash(token),
            until=acting.at + rules.TOKEN_SECONDS,
        )
    return token
