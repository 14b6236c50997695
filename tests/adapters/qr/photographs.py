"""Pictures as a cheap phone takes them, made from a drawn card: seeded, so always the same."""

import io
import random

from PIL import Image, ImageChops, ImageFilter

WIDTH, HEIGHT = 1280, 720


def photographed(card, *, seed, blur=1.0, noise=18, tilt=0.12, quality=60):
    """Return JPEG bytes of a card lying on a table, seen at an angle."""
    generator = random.Random(seed)
    table = Image.new("L", (WIDTH, HEIGHT), 120)
    width = 800
    height = round(card.height * width / card.width)
    scaled = card.convert("L").resize((width, height), Image.Resampling.LANCZOS)
    table.paste(scaled, ((WIDTH - width) // 2, (HEIGHT - height) // 2))
    seen = table.transform(
        table.size,
        Image.Transform.PERSPECTIVE,
        _perspective(generator, tilt),
        Image.Resampling.BICUBIC,
        fillcolor=120,
    )
    seen = seen.rotate(generator.uniform(-20, 20), Image.Resampling.BICUBIC, fillcolor=120)
    seen = seen.filter(ImageFilter.GaussianBlur(blur))
    return jpeg(_with_noise(seen, generator, noise), quality)


def jpeg(picture, quality=60):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def encoded(picture, kind):
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def _perspective(generator, tilt):
    # the two last coefficients make one side of the picture smaller than the other
    lean = tilt / WIDTH
    across, down = (generator.uniform(-lean, lean) for _ in range(2))
    return (1, 0.02, 0, 0.01, 1, 0, across, down)


def _with_noise(picture, generator, strength):
    grain = Image.frombytes("L", picture.size, generator.randbytes(picture.width * picture.height))
    grain = grain.point(lambda value: round((value / 255 - 0.5) * 2 * strength) + 128)
    return ImageChops.add(picture, grain, scale=1, offset=-128)
