"""
The size and the speed of a national status list: packed, compressed and signed in both forms.

Source: docs/reference/benchmarks.md; draft-ietf-oauth-status-list-20.
"""

import random
import time
import zlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain.card import status_list
from despensa.domain.encoding import cose
from despensa.entrypoints.bench.report import Figures, Tell

_ADDRESS = "https://despensa.example/status/1"
_ISSUED_AT = 1_795_219_200
_TERMS = status_list.Terms(_ADDRESS, _ISSUED_AT, _ISSUED_AT + 86_400, 43_200)
_LEVEL = 9


def bench_statuslist(
    entries: int, *, revoked_per_thousand: int, seed: int, tell: Tell
) -> dict[str, object]:
    """
    Return the figures of one list with so many places, some of them revoked at random.

    Units: `cwt_bytes` and `jwt_bytes` are what is fetched; drawing who is revoked is not counted.
    """
    drawn = random.Random(seed)  # noqa: S311 - invented cards, the same for one seed
    count = entries * revoked_per_thousand // 1000
    tell(f"revoking {count:,} of {entries:,}")
    revoked = dict.fromkeys(drawn.sample(range(entries), count), int(status_list.Status.INVALID))
    key = Ed25519PrivateKey.from_private_bytes(drawn.randbytes(32))
    public = key.public_key().public_bytes_raw()
    signed = {"bits": 1, "terms": _TERMS, "public_key": public, "signer": key.sign}
    began = time.perf_counter()
    listed = status_list.pack(entries, revoked)
    packed_at = time.perf_counter()
    compressed = status_list.compress(listed)
    compressed_at = time.perf_counter()
    cwt = status_list.sign_cwt(compressed, **signed)  # type: ignore[arg-type]
    jwt = status_list.sign_jwt(compressed, **signed)  # type: ignore[arg-type]
    ended = time.perf_counter()
    zlib.compress(listed.packed, _LEVEL)
    bare = time.perf_counter() - ended
    read = status_list.read_cwt(
        cwt, keys={cose.key_id(public): public}, address=_ADDRESS, now=_ISSUED_AT
    )
    if read != listed:
        raise AssertionError("the list of the benchmark does not come back")
    parts = {
        "pack_seconds": packed_at - began,
        "compress_seconds": compressed_at - packed_at,
        "sign_seconds": ended - compressed_at,
    }
    figures = Figures("statuslist", "entries", entries, ended - began, bare, parts).as_json()
    return figures | {"revoked": count, "cwt_bytes": len(cwt), "jwt_bytes": len(jwt)}
