"""
The phone app as the server hands it out: a page, its program under a name that changes with it, a worker.

The server learns nothing of a card or a person here: every file is the same for everybody. An
auditor reads what runs: the files are served as they are written.
Source: docs/explanation/design.md sections 4 and 7.5 to 7.9; docs/reference/device-api.md.
"""

import functools
import hashlib
import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from despensa.entrypoints.office.access import ANYONE, door

_HERE = Path(__file__).parent
_PROGRAM = _HERE / "static" / "field"
_WORKER = _HERE / "worker.js"
_PAGE = _HERE / "templates" / "field" / "app.html"
_LANGUAGES = ("en", "es", "ar")
_FONTS = (
    *("NotoSans-Regular", "NotoSans-Bold", "NotoSansArabic-Regular", "NotoSansArabic-Bold"),
    *("NotoSansMono-Bold", "NotoSansSymbols2-Regular", "NotoSerif-Bold"),
)
_LOOK = (
    *("despensa/css/fonts.css", "despensa/css/tokens.css", "despensa/img/mark.svg"),
    *(f"despensa/fonts/{name}.woff2" for name in _FONTS),
)
_KINDS = frozenset({".js", ".css", ".wasm"})
_FOREVER = "public, max-age=31536000, immutable"


@door(ANYONE)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Return the page of the phone app; what it shows is made on the phone."""
    answer = render(
        request,
        "field/app.html",
        {
            "program": reverse("field:file", args=[build(), "field/app/main.js"]),
            "look": [
                reverse("field:file", args=[build(), name])
                for name in ("despensa/css/fonts.css", "despensa/css/tokens.css", "field/app.css")
            ],
            "icon": reverse("field:file", args=[build(), "despensa/img/mark.svg"]),
        },
    )
    answer["Cache-Control"] = "no-cache"
    return answer


@door(ANYONE)
@require_GET
def file(_request: HttpRequest, made: str, name: str) -> HttpResponse:
    """
    Return one file of the program.

    Refuses: 404 for a file of another build, or one that is no part of the program.
    """
    path = files().get(name)
    if path is None or made != build():
        raise Http404
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if path.suffix == ".js":
        kind = "text/javascript; charset=utf-8"
    answer = HttpResponse(path.read_bytes(), content_type=kind)
    answer["Cache-Control"] = _FOREVER
    return answer


@door(ANYONE)
@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """Return the program that keeps the app for times without a network."""
    kept = [reverse("field:page"), reverse("field:manifest")]
    kept += [reverse("field:file", args=[build(), name]) for name in files()]
    head = f"const FILES = {json.dumps(kept)};\nconst BUILD = {json.dumps(build())};\n"
    text = head + _WORKER.read_text(encoding="utf-8")
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@door(ANYONE)
@require_GET
def manifest(_request: HttpRequest) -> HttpResponse:
    """Return what a phone needs to install the app beside its own."""
    icon = reverse("field:file", args=[build(), "despensa/img/mark.svg"])
    answer = JsonResponse(
        {
            "name": "Despensa",
            "short_name": "Despensa",
            "id": reverse("field:page"),
            "start_url": reverse("field:page"),
            "scope": reverse("field:page"),
            "display": "standalone",
            "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        },
        content_type="application/manifest+json",
    )
    answer["Cache-Control"] = "no-cache"
    return answer


@functools.cache
def files() -> Mapping[str, Path]:
    """Return every file of the app by its name below the build: program, look and words."""
    own = {
        f"field/{path.relative_to(_PROGRAM).as_posix()}": path
        for path in sorted(_PROGRAM.rglob("*"))
        if path.suffix in _KINDS
    }
    look = {name: Path(str(finders.find(name))) for name in _LOOK}
    words = {f"messages/{code}.json": _HERE / "messages" / f"{code}.json" for code in _LANGUAGES}
    return own | look | words


@functools.cache
def build() -> str:
    """Return the name of the program, which changes with any of its bytes."""
    digest = hashlib.sha256()
    for name, path in [*files().items(), ("worker", _WORKER), ("page", _PAGE)]:
        digest.update(name.encode("utf-8") + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
