"""
Have a draft counted on the ground of this hour; make the ground first where there is none.

A ground is the register of one moment, in a private folder; whoever asks says how old it may be.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from despensa.adapters.engine.preview import DuckDBPreview
from despensa.adapters.engine.preview_ground import make_ground
from despensa.domain.act import Acting
from despensa.domain.eligibility.rule import FactDeclaration
from despensa.domain.eligibility.sketch import facts_to_choose
from despensa.domain.ports.engine import RegistryFiles
from despensa.entrypoints.wiring import Tools
from despensa.records.catalogue import queries as catalogue
from despensa.records.programmes import facts_copy, queries
from despensa.usecases.preview_rule import Draft, Preview, preview_rule

_COPIES, _READY = "preview-*.copy", "preview-*.ready"
_LEFT_BEHIND_SECONDS = 3600
GROUND_KEPT_SECONDS = 3600
# a preview that began on a ground shortly before its end is let finish
_GRACE_SECONDS = 300


def preview(
    text: str, programme: UUID, tools: Tools, *, acting: Acting, at_most_seconds: int = 0
) -> tuple[Preview, list[UUID], int]:
    """
    Return what may be told of a draft, the areas by which its figures are told, and as of when.

    The register may have been read so many seconds ago; 0 reads it anew, for this count alone.
    Raises: what `usecases.preview_rule` does.
    """
    remove_copies(tools)
    grouped = queries.areas_by_part(queries.programme_area(programme))
    parts = list(dict.fromkeys(part for _, part in grouped))
    places = {part: place for place, part in enumerate(parts)}
    draft = Draft(
        text=text,
        programme=programme,
        groups=[(area.bytes, places[part]) for area, part in grouped],
        places=len(parts),
    )
    with _ground(tools, acting, at_most_seconds) as (folder, at):
        engine = DuckDBPreview(str(folder), tools.engine.memory_mib, tools.engine.threads)
        return preview_rule(draft, acting=acting, engine=engine), parts, at


def ready_ground(tools: Tools, *, acting: Acting, at_most_seconds: int) -> tuple[Path, int]:
    """Return the folder of a ground that is young enough, and when it was made; made now if none is."""
    version = catalogue.latest().version
    for folder in sorted(tools.workspace.facts.glob(_READY), reverse=True):
        at, of_day, of_version = _named(folder)
        is_young = tools.now() - at <= at_most_seconds
        if is_young and (of_day, of_version) == (str(acting.day), version):
            return folder, at
    made = _made(tools, acting)
    folder = made.with_name(f"preview-{acting.at}-{acting.day}-{version}-{made.stem[8:]}.ready")
    made.rename(folder)
    return folder, acting.at


def remove_copies(tools: Tools) -> None:
    """Remove copies left behind by a preview that was killed, and grounds whose hour is over."""
    for folder in tools.workspace.facts.glob(_COPIES):
        try:
            is_old = folder.stat().st_mtime < tools.now() - _LEFT_BEHIND_SECONDS
        except FileNotFoundError:  # another process removed its own
            continue
        if is_old:
            shutil.rmtree(folder, ignore_errors=True)
    oldest = tools.now() - GROUND_KEPT_SECONDS - _GRACE_SECONDS
    for folder in tools.workspace.facts.glob(_READY):
        if not oldest <= _named(folder)[0] <= tools.now():
            shutil.rmtree(folder, ignore_errors=True)


def remove_grounds(tools: Tools) -> None:
    """Remove every ground, young or old: what is destroyed elsewhere must not be left in one."""
    for folder in tools.workspace.facts.glob(_READY):
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _ground(tools: Tools, acting: Acting, at_most_seconds: int) -> Iterator[tuple[Path, int]]:
    if at_most_seconds:
        yield ready_ground(tools, acting=acting, at_most_seconds=at_most_seconds)
        return
    folder = _made(tools, acting)
    try:
        yield folder, acting.at
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(tools: Tools, acting: Acting) -> Path:
    """Return a new ground under the name of a copy; what goes wrong leaves nothing behind."""
    folder = tools.workspace.facts / f"preview-{acting.new_id()}.copy"
    copies = folder / "copies"
    copies.mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    facts = [
        FactDeclaration(name, fact["of"], fact["type"], tuple(fact.get("values", ())))
        for name, fact in facts_to_choose(catalogue.in_force()).items()
    ]
    try:
        households, members = facts_copy.copy_facts(copies, acting.day)
        make_ground(
            RegistryFiles(str(households), str(members)),
            folder,
            facts,
            acting.day,
            memory_mib=tools.engine.memory_mib,
            threads=tools.engine.threads,
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(copies)
    return folder


def _named(folder: Path) -> tuple[int, str, int]:
    """Return when a ground was made, for which day, and by which version of the catalogue."""
    try:
        _, at, *day, version, _ = folder.stem.split("-", 6)
        return int(at), "-".join(day), int(version)
    except ValueError:
        return 0, "", 0
