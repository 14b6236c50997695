"""Every case of transparency-dev/merkle; vectors/rfc6962/SOURCE.md says where they come from."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from despensa.domain.transparency import tree

FOLDER = Path(__file__).parents[2] / "vectors" / "rfc6962"


def cases(kind: str) -> list[Any]:
    files = sorted((FOLDER / kind).rglob("*.json"))
    return [pytest.param(json.loads(file.read_text()), id=file.stem) for file in files]


def proof_of(case: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(step) for step in case["proof"] or ()]


def test_all_cases_are_here() -> None:
    assert (len(cases("inclusion")), len(cases("consistency"))) == (35, 22)


@pytest.mark.parametrize("case", cases("inclusion"))
def test_inclusion(case: dict[str, Any]) -> None:
    leaf, root = base64.b64decode(case["leafHash"]), base64.b64decode(case["root"])

    held = tree.verify_inclusion(case["leafIdx"], case["treeSize"], leaf, proof_of(case), root)

    assert held is not case["wantErr"]


@pytest.mark.parametrize("case", cases("consistency"))
def test_consistency(case: dict[str, Any]) -> None:
    roots = base64.b64decode(case["root1"]), base64.b64decode(case["root2"])

    held = tree.verify_consistency(case["size1"], case["size2"], proof_of(case), *roots)

    assert held is not case["wantErr"]
