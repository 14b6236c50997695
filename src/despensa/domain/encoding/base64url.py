"""
Base64 for addresses and JSON, without padding, strictly back.

Source: RFC 4648 section 5; RFC 7515 appendix C.
"""

import base64
import binascii


def encode(data: bytes) -> str:
    """
    Return bytes as text.

    >>> encode(bytes.fromhex("fbff"))
    '-_8'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of a text. Raises: ValueError for anything `encode` does not make."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if encode(data) != text:
        raise ValueError("not base64url")
    return data
