"""Finished pages on their way to whoever prints them: one file as it is, several in one archive."""

import io
import zipfile
from collections.abc import Sequence

from django.http import HttpResponse


def given_away(name: str, files: Sequence[tuple[str, bytes]]) -> HttpResponse:
    """Return PDF files (name, content) as a download called `name`."""
    if len(files) == 1:
        response = HttpResponse(files[0][1], content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
        return response
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for called, content in files:
            archive.writestr(called, content)
    response = HttpResponse(packed.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response
