"""
Cards after some months: torn, faded, blurred, bent, stained, photographed badly; seeded, always the same.

Rendered from the card as it is printed. A simulation knows no glare and no hunting autofocus: its rates
say which damage matters, not what a certain phone reads.
"""

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from despensa.adapters.printing import TypstCardPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain import identifier
from despensa.domain.card import envelope
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.sheet import CardFace, PrintCard
from tests.adapters.qr.photographs import HEIGHT, WIDTH, encoded, jpeg
from tests.vectors import make_card_vectors as card

DPI = 300
PIXELS_PER_MM = DPI / 25.4
# how much of a picture of 1280 x 720 the card fills, and how far away the camera is, in card widths
CARD_WIDTH = 800
DISTANCE = 2.2
TABLE, PAPER = 120, 255


@dataclass(frozen=True)
class Printed:
    """One printed card: its code's text, the picture of it, and the code's box in that picture."""

    text: str
    picture: Image.Image
    box: tuple[int, int, int, int]


Damage = Callable[[Printed, random.Random], Image.Image]


def printed(count):
    """Return that many cards as they come out of the printer."""
    drawn = random.Random(169)
    cards = [
        EntitlementCard(number, card.ISSUED_AT, card.EXPIRES_AT, 10, drawn.randbytes(16))
        for number in identifier.card_numbers(drawn.randbytes, count)
    ]
    texts = envelope.encode_cards(
        cards, public_key=card.public(card.ISSUER), signer=card.ISSUER.sign
    )
    codes = ZxingCodes()
    printer = TypstCardPrinter(writer=codes, reader=codes)
    face = CardFace("Municipality of San Rafael", "Help: 800 10 20 30", date(2026, 11, 21))
    to_print = [PrintCard(one.number, text) for one, text in zip(cards, texts, strict=True)]
    pdf = printer.render_sheets(to_print, face, ["es", "ar"])
    pictures = []
    for index, text in enumerate(texts):
        page, position = index // 10 + 1, index % 10 + 1
        png = printer.card_picture(pdf, page=page, position=position, dpi=DPI)
        picture = Image.open(io.BytesIO(png)).convert("L")
        [code] = zxingcpp.read_barcodes(picture)
        corner, opposite = code.position.top_left, code.position.bottom_right
        pictures.append(Printed(text, picture, (corner.x, corner.y, opposite.x, opposite.y)))
    return pictures


def scanned(worn, drawn):
    """Return a flat scan of a card as a PNG."""
    del drawn
    return encoded(worn, "PNG")


def photographed(worn, drawn, *, degrees=8.0, blur=0.8, noise=14):
    """Return a photograph: the card on a table, seen from the side, a little blurred and grainy."""
    table = Image.new("L", (WIDTH, HEIGHT), TABLE)
    height = round(worn.height * CARD_WIDTH / worn.width)
    scaled = worn.resize((CARD_WIDTH, height), Image.Resampling.LANCZOS)
    table.paste(scaled, ((WIDTH - CARD_WIDTH) // 2, (HEIGHT - height) // 2))
    table = table.rotate(drawn.uniform(-15, 15), Image.Resampling.BICUBIC, fillcolor=TABLE)
    angle = math.radians(drawn.choice((-1, 1)) * degrees)
    seen = table.transform(
        table.size,
        Image.Transform.PERSPECTIVE,
        _from_the_side(angle),
        Image.Resampling.BICUBIC,
        fillcolor=TABLE,
    )
    seen = seen.filter(ImageFilter.GaussianBlur(blur))
    grain = Image.frombytes("L", seen.size, drawn.randbytes(seen.width * seen.height))
    grain = grain.point(lambda value: round((value / 255 - 0.5) * 2 * noise) + 128)
    return jpeg(ImageChops.add(seen, grain, scale=1, offset=-128), 70)


def _from_the_side(angle):
    # a plane turned about its upright axis by an angle, seen from DISTANCE card widths
    lean = math.tan(angle) / (DISTANCE * CARD_WIDTH)
    across = 1 / math.cos(angle)
    middle, level = WIDTH / 2, HEIGHT / 2
    norm = 1 + lean * middle
    return (
        *((across - lean * middle) / norm, 0, (middle * norm - across * middle) / norm),
        *(-lean * level / norm, 1 / norm, (level * norm - level) / norm),
        *(-lean / norm, 0),
    )


def faded(share):
    """The ink keeps this share of its darkness."""
    return lambda one, _drawn: one.picture.point(
        lambda value: round(PAPER - (PAPER - value) * share)
    )


def torn(share):
    """A corner of the code is gone, as a triangle of this share of the code's area."""

    def damage(one, drawn):
        worn = one.picture.copy()
        left, _top, right, bottom = one.box
        side = math.sqrt(2 * share) * (right - left)
        # not a corner with a finder: without one of those three nothing can be read by anybody
        x, y = right + 6, bottom + 6
        slant = drawn.uniform(0.7, 1.4)
        corner = [(x, y), (x - side * slant, y), (x, y - side / slant)]
        ImageDraw.Draw(worn).polygon(corner, fill=TABLE)
        return worn

    return damage


def scratched(count):
    """White scratches of half a millimetre across the code."""

    def damage(one, drawn):
        worn = one.picture.copy()
        left, top, right, bottom = one.box
        for _ in range(count):
            ends = [
                (drawn.uniform(left, right), top - 5),
                (drawn.uniform(left, right), bottom + 5),
            ]
            if drawn.random() < 0.5:
                ends = [
                    (left - 5, drawn.uniform(top, bottom)),
                    (right + 5, drawn.uniform(top, bottom)),
                ]
            ImageDraw.Draw(worn).line(ends, fill=PAPER, width=round(0.5 * PIXELS_PER_MM))
        return worn

    return damage


def stained(share):
    """A dark round stain over this share of the code, away from its finders."""

    def damage(one, drawn):
        worn = one.picture.copy()
        left, top, right, _bottom = one.box
        side = right - left
        radius = side * math.sqrt(share / math.pi)
        x = left + side * drawn.uniform(0.5, 0.75)
        y = top + side * drawn.uniform(0.5, 0.75)
        ImageDraw.Draw(worn).ellipse((x - radius, y - radius, x + radius, y + radius), fill=60)
        return worn

    return damage


def spread(mm):
    """Cheap ink has run by this many millimetres on every side."""
    size = 2 * round(mm * PIXELS_PER_MM) + 1
    return lambda one, _drawn: one.picture.filter(ImageFilter.MinFilter(size))


def creased(one, drawn):
    """The card was folded once across the code: a white line and a shade on one side of it."""
    worn = one.picture.copy()
    left, _top, right, _bottom = one.box
    x = drawn.uniform(left + (right - left) * 0.3, left + (right - left) * 0.7)
    shade = worn.crop((round(x), 0, worn.width, worn.height)).point(lambda value: value * 3 // 4)
    worn.paste(shade, (round(x), 0))
    ImageDraw.Draw(worn).line(
        [(x, 0), (x, worn.height)], fill=PAPER, width=round(0.4 * PIXELS_PER_MM)
    )
    return worn


def untouched(one, _drawn):
    return one.picture


def seen(**how):
    return lambda worn, drawn: photographed(worn, drawn, **how)


# kind, how far it went, what happened to the card, how the picture was taken
KINDS: tuple[tuple[str, str, Damage, Callable], ...] = (
    ("none", "flat scan", untouched, scanned),
    ("none", "photograph", untouched, photographed),
    ("torn", "a corner of 3 % of the code", torn(0.03), photographed),
    ("torn", "a corner of 8 %", torn(0.08), photographed),
    ("torn", "a corner of 15 %", torn(0.15), photographed),
    ("faded", "to 40 % of its ink", faded(0.4), photographed),
    ("faded", "to 20 %", faded(0.2), photographed),
    ("faded", "to 10 %", faded(0.1), photographed),
    ("blurred", "1.5 pixels", untouched, seen(blur=1.5)),
    ("blurred", "2.2 pixels", untouched, seen(blur=2.2)),
    ("blurred", "3 pixels", untouched, seen(blur=3.0)),
    ("at an angle", "30 degrees", untouched, seen(degrees=30)),
    ("at an angle", "45 degrees", untouched, seen(degrees=45)),
    ("at an angle", "60 degrees", untouched, seen(degrees=60)),
    ("scratched", "3 lines of 0.5 mm", scratched(3), photographed),
    ("scratched", "6 lines", scratched(6), photographed),
    ("scratched", "10 lines", scratched(10), photographed),
    ("stained", "4 % of the code", stained(0.04), photographed),
    ("stained", "7 %", stained(0.07), photographed),
    ("ink run", "0.10 mm on every side", spread(0.10), photographed),
    ("ink run", "0.17 mm", spread(0.17), photographed),
    ("folded", "once across the code", creased, photographed),
    ("dark room", "strong grain", untouched, seen(noise=60, blur=1.2)),
)


def shots(kind, cards, *, seed):
    """Return (text, picture file) of every card with one kind of damage."""
    _, _, damage, take = kind
    taken = []
    for number, one in enumerate(cards):
        drawn = random.Random(seed * 1_000 + number)
        taken.append((one.text, take(damage(one, drawn), drawn)))
    return taken
