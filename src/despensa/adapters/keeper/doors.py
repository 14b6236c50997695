"""
Which methods of the keeper's ports the socket carries, by name, and how each travels.

The table is made of the ports themselves: a method that is no port's does not exist on the socket.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from despensa.adapters import age, hpke
from despensa.adapters.keeper import held_people, key_files, links, schema, signing, wire
from despensa.domain import epoch, proposal, sealing
from despensa.domain.encoding import cose, dcbor
from despensa.domain.payload import MalformedPayload
from despensa.domain.ports import bulk_work, key_office, payment_work, wallet
from despensa.domain.ports import keeper as ports
from despensa.domain.transparency import sealed_row

PORTS: Mapping[str, tuple[type, ...]] = {
    "vault": (ports.IntakeVault, ports.JournalOpener),
    "people": (held_people.PeopleSealer,),
    "staging": (ports.StagingVault,),
    "cards": (ports.CardKeeper,),
    "wallet": (wallet.WalletKeeper,),
    "cycles": (ports.CycleKeeper,),
    "signatory": (ports.Signatory,),
    "keys": (key_office.KeyOffice,),
    "bulk": (bulk_work.BulkWork,),
    "payments": (payment_work.PaymentWork,),
}
# made on the office's side of other methods: whole contents of parts, new people of wrapped keys
_NOT_SENT = frozenset({"vault.new_people", "staging.seal", "staging.open"})
# the argument whose parts follow the call
STREAMS_IN = {"staging.seal_parts": "parts", "staging.seal_beside": "parts"}
STREAMS_OUT = frozenset({"staging.open_parts", "staging.open_beside", "payments.release_file"})
# the sequence that may be asked for in slices, because each item is answered for itself
SLICED = {
    "vault.new_keys": "persons",
    "vault.seal": "work",
    "vault.seal_rows": "rows",
    "vault.seal_facts": "rows",
    "vault.open_facts": "rows",
    "vault.sealed_fact_maps": "rows",
    "vault.token_bytes": "texts",
    "vault.search_tokens": "texts",
    "vault.origin_refs": "records",
    "vault.said_digests": "said",
    "vault.number_tokens": "people",
    "vault.renew": "work",
    "people.seal": "values",
    "people.seal_rows": "rows",
    "cycles.lease_rows": "households",
    "cycles.named_lease_rows": "households",
    "cycles.carry_references": "operations",
    "cycles.carried_on_accounts": "households",
}
# what the keeper may answer instead: these come back as the same class with the same text
ERRORS: Mapping[str, type[Exception]] = {
    "access": ports.AccessRefused,
    "approval": proposal.ApprovalInvalid,
    "bad-signature": cose.BadSignature,
    "cycle-faded": ports.CycleFaded,
    "encoding": dcbor.EncodingError,
    "epoch": epoch.EpochError,
    "fact": ports.FactDestroyed,
    "faded": ports.CycleFaded,
    "file": FileNotFoundError,
    "key": key_files.KeyMissing,
    "label": signing.LabelRefused,
    "links": links.LinksDamaged,
    "payload": MalformedPayload,
    "permission": PermissionError,
    "row-seal": sealed_row.SealBroken,
    "seal": sealing.SealBroken,
    "search": bulk_work.SearchEnded,
    "shape": schema.WrongShape,
    "signature": cose.MalformedSignature,
    "staged": ports.StagedFileDamaged,
    "stands": ports.StagedFileStands,
    "unknown-key": cose.UnknownKey,
    "value": ValueError,
    "envelope": hpke.SealBroken,
    "age": age.AgeRefused,
    "custodians": key_office.CustodiansWrong,
    "frame": wire.FrameBroken,
}
_BY_CLASS = {kind: name for name, kind in ERRORS.items()}
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Method:
    """One method: the door and the name, and the types of what travels with it."""

    door: str
    name: str
    signature: schema.Signature


@cache
def methods() -> Mapping[str, Method]:
    """Return every method the socket carries, by its name there."""
    found = {}
    for door, protocols in PORTS.items():
        for protocol in protocols:
            for name in _names(protocol):
                called = f"{door}.{name}"
                if called in _NOT_SENT:
                    continue
                left_out = frozenset({STREAMS_IN.get(called, "")})
                signed = schema.signature(getattr(protocol, name), left_out=left_out)
                found[called] = Method(door, name, signed)
    return found


def _names(protocol: type) -> list[str]:
    """Return the methods of a protocol, its parents' included."""
    return sorted(
        name
        for name in dir(protocol)
        if not name.startswith("_") and callable(getattr(protocol, name))
    )


def error_of(error: Exception) -> tuple[str, str]:
    """
    Return the name and the text of an error as they travel.

    What is no answer of a port says its class only: its text may hold what nobody may read.
    """
    name = _BY_CLASS.get(type(error))
    if name is None:
        return FAILED, type(error).__name__
    return name, str(error)


def raised(name: object, text: object) -> Exception:
    """Return the error that the keeper answered with."""
    kind = ERRORS.get(name) if isinstance(name, str) else None
    if kind is None:
        return ports.KeeperFailed(f"The keeper could not do it ({text}). Its own log says more.")
    return kind(str(text))
