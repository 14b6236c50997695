"""What everybody may read: log files as they are, keys, and nothing beside them."""

import json
from pathlib import Path

import pytest
from django.test import Client

from despensa.adapters.log_storage import verify_log
from despensa.domain.card.issuer_key import parse_issuer_keys
from despensa.domain.encoding import cose
from despensa.domain.transparency import checkpoint, tile
from despensa.entrypoints import wiring
from despensa.entrypoints.api.urls import api
from despensa.entrypoints.jobs import rounds

SNAPSHOT = Path(__file__).parent / "openapi.json"


@pytest.fixture
def books(founded_books, monkeypatch):
    monkeypatch.setattr(wiring, "tools", lambda: founded_books.tools)
    rounds.seal_log(founded_books.tools)
    return founded_books


def get(path):
    return Client().get(path)


def test_a_mirror_made_of_what_is_served_verifies(books, tmp_path):
    text = get("/api/v1/log/checkpoint").content.decode()
    key = checkpoint.parse_vkey(books.tools.log_vkey)
    size = checkpoint.verify(text, key).size
    for piece in tile.all_tiles(size):
        answer = get(f"/api/v1/log/{piece.path}")
        assert answer["Cache-Control"].endswith("immutable")
        (tmp_path / piece.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / piece.path).write_bytes(answer.content)
    (tmp_path / "checkpoint").write_text(text)

    assert verify_log(tmp_path, books.tools.log_vkey).is_verified


def test_before_the_first_sealing_there_is_no_checkpoint(founded_books, monkeypatch):
    monkeypatch.setattr(wiring, "tools", lambda: founded_books.tools)

    answer = get("/api/v1/log/checkpoint")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


NOT_TILES = [
    "tile/../checkpoint",
    "tile/../../workspace.toml",
    "tile/..%2f..%2fworkspace.toml",
    "tile/%2e%2e/%2e%2e/workspace.toml",
    "tile/0/../../sealing/last-signed",
    "tile/0/000.p/1/../../../../../keys/keeper/log.key",
    "tile//etc/passwd",
    "tile/0/000%00",
    "tile/0/000\\..\\..",
    "tile/x",
    "tile/0/999",
    "tile/",
    "sealing/last-signed",
    "sealing/lock",
    "",
]


def test_nothing_but_tiles_can_be_named(books):
    for path in NOT_TILES:
        answer = get(f"/api/v1/log/{path}")

        assert answer.status_code in {400, 403, 404}, path
        assert b"workspace_id" not in answer.content


def test_the_keys_are_the_public_ones(books):
    public = books.keeper.signatory.public_keys()

    value = get("/api/v1/keys").json()

    assert value == {
        "issuer": public.issuer.hex(),
        "authority": public.authority.hex(),
        "log": books.tools.log_vkey,
        "answers": public.answers.hex(),
    }


def test_the_key_set_is_what_card_readers_take(books):
    issuer = books.keeper.signatory.public_keys().issuer

    answer = get("/.well-known/jwks.json")

    [key] = parse_issuer_keys(answer.content.decode())
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert key.public == issuer
    assert cose.key_id(issuer) in key.ids
    assert "d" not in json.loads(answer.content)["keys"][0]


def test_public_answers_set_no_cookie(books):
    for path in ("/api/v1/log/checkpoint", "/api/v1/keys", "/.well-known/jwks.json"):
        assert not get(path).cookies


def test_there_are_no_other_operations():
    """A new operation changes the contract: look at it, then write the snapshot anew."""
    assert json.loads(SNAPSHOT.read_text()) == json.loads(json.dumps(api.get_openapi_schema()))


def test_the_api_shows_no_page_of_its_own(books):
    for path in ("/api/v1/docs", "/api/v1/openapi.json", "/api/v1/"):
        assert get(path).status_code in {403, 404}
