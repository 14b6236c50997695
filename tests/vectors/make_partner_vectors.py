"""Write vectors/partner/message.json: a signed message of a partner, part by part."""

import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain.partner import envelope

OUT = Path(__file__).parents[2] / "vectors/partner/message.json"
SEED, NOW, SENDER = bytes(range(32)), 1_795_276_800, "spmis.example.org"
HEADER = (
    '{"version": "1.0.0", "message_id": "m-1",\n "message_ts": "2026-11-21T16:00:00+00:00", '
    '"action": "search", "sender_id": "spmis.example.org", "receiver_id": "registry", '
    '"total_count": 1}'
)
MESSAGE = (
    '{"transaction_id": "t-1", "search_request": [{"reference_id": "r-1", '
    '"timestamp": "2026-11-21T16:00:00Z", "search_criteria": {"query_type": "idtype-value", '
    '"query": {"type": "NIN", "value": "V-12345678"}, '
    '"consent": {"purpose": {"code": "assess_assistance"}}}}]}'
)


def vector() -> dict[str, object]:
    """Return the case."""
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    public = key.public_key().public_bytes_raw()
    raw = (HEADER + MESSAGE).encode()
    text = envelope.signature_text(
        raw, sender=SENDER, public_key=public, created=NOW, expires=NOW + 300, sign=key.sign
    )
    signing = envelope.signing_text(raw, NOW, NOW + 300)
    return {
        "source": "docs/reference/formats.md, section 15",
        "seed": SEED.hex(),
        "public_key": public.hex(),
        "key_id": envelope.key_name(public),
        "now": NOW,
        "header": HEADER,
        "message": MESSAGE,
        "signing_text": signing.decode(),
        "signature": base64.b64encode(key.sign(signing)).decode(),
        "body": f'{{"signature": {json.dumps(text)}, "header": {HEADER}, "message": {MESSAGE}}}',
    }


if __name__ == "__main__":
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(vector(), indent=2) + "\n", encoding="utf-8")
