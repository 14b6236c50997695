"""`despensa form`: the registration form for phones."""

from pathlib import Path
from typing import Annotated

import typer

from despensa.adapters.register_file.form_workbook import write_xlsform
from despensa.entrypoints.cli.catalogue_here import catalogue_here
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, show
from despensa.entrypoints.cli.problems import Mistake

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Forms for KoboToolbox and ODK, made of the catalogue of facts."""


@app.command(name="xlsform")
def write_form(
    out: Annotated[Path, typer.Argument(help="The XLSX file to write.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Write the XLSForm that registers a household and its people without a network.

    Upload it to KoboToolbox or ODK Central; what comes back is read by `despensa import` as it is.
    """
    if out.suffix.casefold() != ".xlsx":
        raise Mistake(f"{out} does not end in .xlsx: name the file so.")
    form = write_xlsform(out, catalogue_here(workspace))
    settings = form.rows["settings"][0]
    value = {
        "form_id": settings["form_id"],
        "version": settings["version"],
        "questions": len(form.rows["survey"]),
        "languages": ["en", "es", "ar"],
        "file": str(out),
    }
    show(value, as_json=as_json, text=f"{out}: form {value['form_id']}, version {value['version']}")
