"""
How a card's text becomes a QR code of a given printed size.

Decides the error-correction level: more correction makes smaller modules, and on cheap printers
small modules are lost to the ink, so the highest level is taken whose modules stay large enough.
Source: docs/explanation/design.md section 6; ISO/IEC 18004:2015 tables 1 and 7.
"""

from dataclasses import dataclass
from enum import Enum

from despensa.domain.card.base45 import ALPHABET

# Module widths in millimetres. Measured on simulated prints and cameras: below 0.45 a little
# ink gain costs reads, below 0.40 many cheap cameras fail, below 0.33 most of them do.
MODULE_MM_GOOD = 0.45
MODULE_MM_WARN = 0.40
MODULE_MM_MIN = 0.33
QUIET_ZONE_MODULES = 4

_ALPHANUMERIC = frozenset(ALPHABET)
# Alphanumeric characters per version 1 to 40 (ISO/IEC 18004:2015 table 7). Level L is never
# used: a scratch or a stain makes it unreadable.
# fmt: off
_CAPACITY: dict[str, tuple[int, ...]] = {
    "H": (
        10, 20, 35, 50, 64, 84, 93, 122, 143, 174, 200, 227, 259, 283, 321, 365, 408, 452, 493,
        557, 587, 640, 672, 744, 779, 864, 910, 958, 1016, 1080, 1150, 1226, 1307, 1394, 1431,
        1530, 1591, 1658, 1774, 1852,
    ),
    "Q": (
        16, 29, 47, 67, 87, 108, 125, 157, 189, 221, 259, 296, 352, 376, 426, 470, 531, 574, 644,
        702, 742, 823, 890, 963, 1041, 1094, 1172, 1263, 1322, 1429, 1499, 1618, 1700, 1787, 1867,
        1966, 2071, 2181, 2298, 2420,
    ),
    "M": (
        20, 38, 61, 90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600, 656, 734, 816, 909,
        970, 1035, 1134, 1248, 1326, 1451, 1542, 1637, 1732, 1839, 1994, 2113, 2238, 2369, 2506,
        2632, 2780, 2894, 3054, 3220, 3391,
    ),
}
# fmt: on


class QrError(ValueError):
    """The text cannot be printed as a readable code at this size; the message says why."""


class Size(Enum):
    """Whether the modules are as large as they should be."""

    GOOD = "good"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class QrPlan:
    """
    The code that will be made for one text at one printed size.

    Units: `side_mm` is the side of the code without its white margin, `modules` counts the
        modules of that side, `module_mm` is the width of one.
    """

    level: str
    version: int
    modules: int
    side_mm: float
    size: Size

    @property
    def module_mm(self) -> float:
        """Return the printed width of one module."""
        return self.side_mm / self.modules

    @property
    def quiet_zone_mm(self) -> float:
        """Return the width of the white margin the standard asks for on every side."""
        return QUIET_ZONE_MODULES * self.module_mm


def plan_code(text: str, *, side_mm: float) -> QrPlan:
    """
    Return the highest correction level whose modules stay at least 0.45 mm wide.

    Where not even level M (the lowest allowed) reaches that, M is used; below 0.40 mm the plan
    says SMALL, so that a preview can warn.
    Raises: QrError when the text has other characters than the alphanumeric mode, fits no code,
        or its modules would be narrower than 0.33 mm.
    Source: docs/explanation/design.md section 6.
    """
    if not text or not _ALPHANUMERIC.issuperset(text):
        raise QrError("only digits, capital letters and ' $%*+-./:' go into a card's code")
    for level in ("H", "Q", "M"):
        plan = _plan(text, level, side_mm)
        if plan is not None and plan.module_mm >= MODULE_MM_GOOD:
            return plan
    lowest = _plan(text, "M", side_mm)
    if lowest is None:
        raise QrError("the text is longer than any QR code")
    if lowest.module_mm < MODULE_MM_MIN:
        raise QrError(
            f"at {side_mm:g} mm one module of this code is {lowest.module_mm:.2f} mm wide, below"
            f" {MODULE_MM_MIN} mm: print the code larger or put less on the card"
        )
    return lowest


def _plan(text: str, level: str, side_mm: float) -> QrPlan | None:
    for version, capacity in enumerate(_CAPACITY[level], start=1):
        if len(text) <= capacity:
            modules = 17 + 4 * version
            is_small = side_mm / modules < MODULE_MM_WARN
            return QrPlan(level, version, modules, side_mm, Size.SMALL if is_small else Size.GOOD)
    return None
