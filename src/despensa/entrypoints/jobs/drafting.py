"""Copy the register out into a private folder, have a draft counted over it, remove the folder."""

import shutil
from uuid import UUID

from despensa.adapters.engine.preview import DuckDBPreview
from despensa.domain.act import Acting
from despensa.domain.ports.engine import RegistryFiles
from despensa.entrypoints.wiring import Tools
from despensa.records.programmes import queries
from despensa.usecases.preview_rule import Draft, Preview, preview_rule

_COPIES = "preview-*.copy"
_LEFT_BEHIND_SECONDS = 3600


def preview(
    text: str, programme: UUID, tools: Tools, *, acting: Acting
) -> tuple[Preview, list[UUID]]:
    """
    Return what may be told of a draft, and the areas by which its figures are told.

    Raises: what `usecases.preview_rule` does.
    """
    remove_copies(tools)
    grouped = queries.areas_by_part(queries.programme_area(programme))
    parts = list(dict.fromkeys(part for _, part in grouped))
    places = {part: place for place, part in enumerate(parts)}
    folder = tools.workspace.facts / f"preview-{acting.new_id()}.copy"
    folder.mkdir(mode=0o700, parents=True)
    try:
        households, members = queries.copy_facts(folder, acting.day)
        draft = Draft(
            text=text,
            programme=programme,
            groups=[(area.bytes, places[part]) for area, part in grouped],
            places=len(parts),
        )
        engine = DuckDBPreview(
            RegistryFiles(str(households), str(members)),
            str(folder),
            tools.engine.memory_mib,
            tools.engine.threads,
        )
        return preview_rule(draft, acting=acting, engine=engine), parts
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_copies(tools: Tools) -> None:
    """Remove the copies that a preview killed on its way left behind more than an hour ago."""
    for folder in tools.workspace.facts.glob(_COPIES):
        try:
            is_old = folder.stat().st_mtime < tools.now() - _LEFT_BEHIND_SECONDS
        except FileNotFoundError:  # another process removed its own
            continue
        if is_old:
            shutil.rmtree(folder, ignore_errors=True)
