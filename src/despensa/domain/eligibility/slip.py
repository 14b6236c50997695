"""
A household's slip of a decision: its frozen facts, their place under the cycle's root, the outcome.

Decides whether a slip fits its rule, and whether the rule says the same again. Needs no server and
no database: the slip, the published text of the rule and, from the log, the cycle's root.
Source: docs/reference/formats.md section 12; docs/explanation/design.md section 7.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from despensa.domain.eligibility.evaluate import Decision, decision_from_codes, evaluate
from despensa.domain.eligibility.frozen import MalformedRow, read_row
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.rule import OUTCOMES, Border, Rule
from despensa.domain.encoding import cose, dcbor
from despensa.domain.transparency import tree

LABEL = b"despensa/decision-slip/1"
KEYS = frozenset(range(13))
_VERSION = 1
_DAY_ZERO = date(1970, 1, 1).toordinal()
_LOWEST_DAYS, _HIGHEST_DAYS = 0, 200_000


class MalformedSlip(ValueError):
    """The bytes are no slip of a decision."""


class OtherRule(ValueError):
    """The slip was decided by another rule than the one at hand."""


@dataclass(frozen=True, slots=True)
class DecisionSlip:
    """
    What a household takes home of its decision.

    Holds: leaf data = salt || row bytes stands at `row` of `rows` under the cycle's root by
        `path`. `border` says how far the budget reached; None when it reached everybody.
    """

    cycle: bytes
    rule_hash: bytes
    on: date
    row: int
    rows: int
    row_bytes: bytes
    salt: bytes
    path: tuple[bytes, ...]
    decision: Decision
    border: Border | None

    @property
    def root(self) -> bytes:
        """
        Return the root under which the facts of this slip were frozen.

        Raises: MalformedSlip when the path does not lead to a root.
        """
        leaf = tree.leaf_hash(self.salt + self.row_bytes)
        found = tree.root_from_inclusion(self.row, self.rows, leaf, self.path)
        if found is None:
            raise MalformedSlip("its path leads to no root")
        return found


def payload(slip: DecisionSlip) -> dict[int, Any]:
    """
    Return the map that the authority signs.

    Shape: 0 v=1, 1 cycle16, 2 rule_hash32, 3 day, 4 row, 5 rows, 6 row bytes, 7 salt16, 8 [hash32
        ...], 9 outcome, 10 [code ...], 11 [[unit text, quantity] ...], 12 [decimal text ...] where
        the budget did not reach everybody.
    """
    body: dict[int, Any] = {
        0: _VERSION,
        1: slip.cycle,
        2: slip.rule_hash,
        3: slip.on.toordinal() - _DAY_ZERO,
        4: slip.row,
        5: slip.rows,
        6: slip.row_bytes,
        7: slip.salt,
        8: list(slip.path),
        9: slip.decision.outcome,
        10: list(slip.decision.codes),
        11: [[unit, quantity] for unit, quantity in slip.decision.lines],
    }
    if slip.border is not None:
        # in decimal: a place may hold numbers longer than the encoding has
        body[12] = [str(number) for number in slip.border.last or ()]
    return body


def read_slip(signed: bytes, keys: Mapping[bytes, bytes] | None) -> DecisionSlip:
    """
    Return the slip in a COSE_Sign1; with None for keys whatever it says of itself.

    Raises: MalformedSlip; cose.UnknownKey; cose.BadSignature; cose.MalformedSignature.
    """
    parsed = cose.parse(signed)
    if keys is not None:
        cose.verify_parsed(parsed, label=LABEL, keys=keys)
    try:
        return _slip(dcbor.decode_map(parsed.payload, allowed=KEYS))
    except dcbor.EncodingError as error:
        raise MalformedSlip(str(error)) from error


def decided_again(slip: DecisionSlip, rule: Rule) -> Decision:
    """
    Return what the rule says of the slip's facts on its date.

    Raises: OtherRule; MalformedSlip when the facts are none of this rule; NotInForce.
    """
    if rule_hash(rule) != slip.rule_hash:
        raise OtherRule("the slip was decided by another rule")
    try:
        _, household = read_row(rule, slip.row_bytes)
    except MalformedRow as error:
        raise MalformedSlip(str(error)) from error
    return evaluate(rule, household, slip.on, border=slip.border)


def _slip(body: Mapping[int, Any]) -> DecisionSlip:
    try:
        if body[0] != _VERSION or not KEYS - {12} <= body.keys():
            raise MalformedSlip("not a slip of version 1")
        (cycle, hashed, days, row, rows, row_bytes, salt, path) = (body[key] for key in range(1, 9))
        lengths = (len(cycle), len(hashed), len(salt), *map(len, path))
        if not all(isinstance(one, bytes) for one in (cycle, hashed, row_bytes, salt, *path)):
            raise MalformedSlip("a hash of it is no byte string")
        if lengths[:3] != (16, 32, 16) or set(lengths[3:]) - {32}:
            raise MalformedSlip("a hash of it has another length")
        if not (_LOWEST_DAYS <= days <= _HIGHEST_DAYS and 0 <= row < rows):
            raise MalformedSlip("its day or its row is out of range")
        if body[9] not in OUTCOMES:
            raise MalformedSlip("its outcome is none of the three")
        lines = [(str(unit), int(quantity)) for unit, quantity in body[11]]
        decision = decision_from_codes(body[9], body[10], lines)
        border = None
        if 12 in body:
            border = Border(tuple(int(number) for number in body[12]) or None)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        if isinstance(error, MalformedSlip):
            raise
        raise MalformedSlip("its fields are not those of a slip") from error
    on = date.fromordinal(_DAY_ZERO + days)
    return DecisionSlip(
        cycle, hashed, on, row, rows, row_bytes, salt, tuple(path), decision, border
    )
