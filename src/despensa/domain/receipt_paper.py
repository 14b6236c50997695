"""
The small paper of a receipt that the office signed: its sentences, and the receipt as a QR code.

Decides nothing about the receipt; the code counts as made only if it was read back from the
finished page, as on the paper of a decision. No name stands on it.
Source: docs/explanation/design.md section 1; docs/reference/formats.md section 5.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReceiptPaper:
    """
    What the paper of one receipt says, already in the language of the household.

    Shape: `facts` is (what it is, what it says) in the order of the page; `words` are the receipt's
        eight words; `code` is the receipt in base45.
    """

    language: str
    issuer: str
    title: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    code: str = field(repr=False)
