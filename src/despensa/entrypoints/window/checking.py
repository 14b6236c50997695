"""
The verifier page: anybody's browser says whether a card is genuine, with or without a network.

The server hands out the page, its program and the issuer's public keys, and learns nothing of any card.
Every language has its own address, so that the page needs no cookie and can be kept by the browser.
Source: docs/decisions/0030-the-verifier-page.md; docs/explanation/design.md, section 9.
"""

import functools
import hashlib
import json
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from despensa.entrypoints import wiring
from despensa.entrypoints.office.access import ANYONE, door

_WORKER = Path(__file__).parent / "worker.js"
_CACHE = "no-cache"
_FIELD = "field/card"
_NOBLE, _ZXING = "field/vendor/noble-ed25519-3.2.0", "field/vendor/zxing-wasm-3.1.4"
_BOOTSTRAP = "despensa/vendor/bootstrap-5.3.9"
_FONTS = (
    *("NotoSans-Regular", "NotoSans-Bold", "NotoSansArabic-Regular", "NotoSansArabic-Bold"),
    *("NotoSansMono-Bold", "NotoSansSymbols2-Regular", "NotoSerif-Bold"),
)
# everything the page loads; a browser test asks for each of it without a network
PROGRAM = (
    *(f"{_FIELD}/{name}.js" for name in ("base45", "cbor", "claims", "deflate", "ed25519")),
    *(f"{_FIELD}/{name}.js" for name in ("foreign", "sha512", "verify")),
    *("field/domain/cose.js", "field/domain/octets.js", "field/crypto/primitives.js"),
    "field/scan/picture.js",
    f"{_NOBLE}/index.js",
    *(f"{_ZXING}/{name}" for name in ("share.js", "reader/index.js", "reader/zxing_reader.wasm")),
    *("window/check.js", "window/check.css", "despensa/img/mark.svg"),
    *(f"despensa/css/{name}.css" for name in ("fonts", "tokens", "office")),
    *(f"{_BOOTSTRAP}/{name}.min.css" for name in ("bootstrap", "bootstrap.rtl")),
    *(f"despensa/fonts/{name}.woff2" for name in _FONTS),
)


@door(ANYONE)
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Send the visitor to the page in the language their browser asks for."""
    language = translation.get_language_from_request(request)
    answer = HttpResponseRedirect(_address(language))
    answer["Vary"] = "Accept-Language, Cookie"
    return answer


@door(ANYONE)
@require_GET
def check_in(request: HttpRequest, language: str) -> HttpResponse:
    """Return the verifier page in one language. Refuses: 404 for a language nobody wrote."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        answer = render(
            request,
            "window/check.html",
            {
                "issuer_name": wiring.tools().workspace.name,
                "languages": [(code, name, _address(code)) for code, name in settings.LANGUAGES],
                "worker": reverse("window:worker"),
                "scope": reverse("window:check"),
                "keys": reverse("key_set"),
            },
        )
    answer["Cache-Control"] = _CACHE
    answer["Content-Language"] = language
    return answer


@door(ANYONE)
@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """Return the program that keeps the page for times without a network."""
    keys = reverse("key_set")
    pages = [_address(code) for code, _ in settings.LANGUAGES]
    files = [*pages, keys, *(static(name) for name in PROGRAM)]
    issuer = wiring.tools().workspace.name
    head = f"const FILES = {json.dumps(files)};\nconst KEYS = {json.dumps(keys)};\n"
    head += f"const BUILD = {json.dumps(_build(issuer))};\n"
    text = head + _WORKER.read_text(encoding="utf-8")
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = _CACHE
    return answer


def _address(language: str) -> str:
    return reverse("window:check_in", args=[language])


@functools.lru_cache(maxsize=8)
def _build(issuer: str) -> str:
    """Return a name that changes with anything the page is made of."""
    digest = hashlib.sha256(issuer.encode("utf-8"))
    folder = Path(__file__).parent
    found = [finders.find(name) for name in PROGRAM]
    pages = [_WORKER, *sorted((folder / "templates").rglob("*.html"))]
    words = sorted((Path(settings.LOCALE_PATHS[0])).glob("*/LC_MESSAGES/django.mo"))
    for path in (*pages, *words, *(Path(str(name)) for name in found)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
