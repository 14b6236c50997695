"""Boundary tables at a door: new areas come in at once, changed ones wait for a second person."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.proposal import Mandate
from despensa.domain.registration.country import countries
from despensa.domain.registration.gazetteer import Place
from despensa.entrypoints.wiring import Tools
from despensa.usecases.import_areas import AreasImported, AreasWouldChange, import_areas
from despensa.usecases.stage_areas import stage_areas

ACTION = "import_areas"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a table: taken in, or the proposal it waits with."""

    imported: AreasImported | None
    proposal: UUID | None


def take_in(places: Sequence[Place], tools: Tools, *, acting: Acting) -> Answer:
    """
    Return what became of the table.

    Raises: OutOfReach; GazetteerError for another country's table.
    """
    content = _encoded(places)
    digest = hashlib.sha256(content).digest()
    codes = _root_codes(tools)
    try:
        imported = import_areas(
            places, root_codes=codes, digest=digest, mandate=None, acting=acting
        )
    except AreasWouldChange:
        waiting = stage_areas(
            places,
            content,
            root_codes=codes,
            digest=digest,
            acting=acting,
            staging=tools.keeper.staging,
        )
        return Answer(None, waiting)
    return Answer(imported, None)


def carry_out(staged: bytes, mandate: Mandate, tools: Tools, *, acting: Acting) -> AreasImported:
    """Return what an approved table did. Raises: AlreadyUsed; ApprovalInvalid."""
    return import_areas(
        _decoded(staged),
        root_codes=_root_codes(tools),
        digest=hashlib.sha256(staged).digest(),
        mandate=mandate,
        acting=acting,
    )


def _root_codes(tools: Tools) -> tuple[str, ...]:
    """What tables call the workspace's country: COD-AB writes two letters, some three."""
    country = countries().get(tools.workspace.country)
    return () if country is None else (country.alpha_2, country.alpha_3)


def _encoded(places: Sequence[Place]) -> bytes:
    rows = [[one.pcode, one.parent, one.level, dict(one.names)] for one in places]
    return json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()


def _decoded(content: bytes) -> tuple[Place, ...]:
    return tuple(
        Place(pcode, parent, level, names) for pcode, parent, level, names in json.loads(content)
    )
