"""The workspace folder and its file: made whole or not at all, read strictly."""

import datetime as dt
import stat
import tomllib
import uuid

import pytest

from despensa.adapters.workspace import file as workspace_file
from despensa.adapters.workspace.folder import WorkspaceError, create, find, load

ID = uuid.UUID("8b1f6f5e-6c55-4f0e-9a53-0d7c1e2f3a4b")
VALUES = {
    "workspace_id": ID,
    "created_at": dt.datetime(2026, 11, 21, 8, 30, tzinfo=dt.UTC),
    "name": 'Ayuntamiento de "Peñas" \\ بلدية',
    "country": "ES",
    "time_zone": "Europe/Madrid",
    "languages": ["es", "ar"],
}


@pytest.fixture
def made(tmp_path):
    return create(tmp_path / "office", **VALUES)


def _mend(workspace, old: str, new: str) -> None:
    path = workspace.folder / "workspace.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_is_made_is_what_is_read(made):
    again = load(made.folder)

    assert again == made
    assert again.name == VALUES["name"]
    assert again.languages == ("es", "ar")
    assert (again.database_mode, again.keeper_mode) == ("embedded", "in-process")
    assert again.log_origin == f"despensa.local/{ID}"


def test_the_file_has_the_keys_of_the_format(made):
    content = tomllib.loads((made.folder / "workspace.toml").read_text(encoding="utf-8"))

    assert list(content) == [
        *("format", "workspace_id", "created_at", "name", "country", "time_zone", "languages"),
        *("single_operator", "log", "database", "keeper"),
    ]
    assert content["format"] == 1


def test_all_folders_are_closed_to_others(made):
    for folder in (
        *(made.folder, made.pg, made.keys, made.log, made.facts, made.backups, made.run),
    ):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(entry.name for entry in made.folder.parent.iterdir()) == ["office"]


def test_urls_and_socket_choose_the_modes(tmp_path):
    made = create(
        tmp_path / "office",
        **VALUES,
        registry_url="postgresql://r@db/registry",
        ledger_url="postgresql://l@db/ledger",
        keeper_socket="/run/despensa/keeper",
        single_operator=True,
        log_origin="log.example.org/aid",
    )

    again = load(made.folder)
    assert again == made
    assert (again.database_mode, again.keeper_mode) == ("url", "socket")
    assert again.single_operator


def test_an_empty_folder_may_become_a_workspace(tmp_path):
    folder = tmp_path / "office"
    folder.mkdir(mode=0o755)

    made = create(folder, **VALUES)

    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_replaced_is_filled(tmp_path):
    folder = tmp_path / "disk"
    (folder / "lost+found").mkdir(parents=True)

    made = create(folder, **VALUES)

    assert made.keys.is_dir()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["disk"]


def test_a_workspace_is_not_made_twice(made):
    with pytest.raises(WorkspaceError, match="is a workspace already; nothing was changed"):
        create(made.folder, **VALUES)


def test_a_folder_with_things_in_it_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")

    with pytest.raises(WorkspaceError, match="is not empty"):
        create(tmp_path, **VALUES)


def test_a_file_is_no_place_for_a_workspace(tmp_path):
    (tmp_path / "office").write_text("mine")

    with pytest.raises(WorkspaceError, match="is a file"):
        create(tmp_path / "office", **VALUES)


@pytest.mark.parametrize("exists", [True, False])
def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch, exists):
    folder = tmp_path / "office"
    if exists:
        folder.mkdir()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workspace_file, "text", fail)

    with pytest.raises(WorkspaceError, match="No space left on device"):
        create(folder, **VALUES)

    left = list(tmp_path.rglob("*"))
    assert left == ([folder] if exists else [])


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"name": "  "}, "'name' must not be empty"),
        ({"name": "two\nlines"}, "one line"),
        ({"country": "Spain"}, "'country'"),
        ({"time_zone": "Madrid"}, "'time_zone'"),
        ({"languages": []}, "'languages'"),
        ({"languages": ["Spanish!"]}, "'languages'"),
        ({"created_at": dt.datetime(2026, 1, 1)}, "'created_at'"),
        ({"log_origin": "a b"}, "'log.origin'"),
        ({"registry_url": "postgresql://r@db/registry"}, "'database'"),
        (
            {"registry_url": "postgresql://r:x@db/r", "ledger_url": "postgresql://l@db/l"},
            "must hold no password",
        ),
        (
            {"registry_url": "postgresql:///r?password=x", "ledger_url": "postgresql://l@db/l"},
            "must hold no password",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path, changed, complaint):
    with pytest.raises(WorkspaceError, match=complaint):
        create(tmp_path / "office", **{**VALUES, **changed})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("format = 1", "format = 2", "has format 2, and this version of Despensa reads up to 1"),
        ("format = 1", 'format = "1"', "'format' must be 1"),
        ("format = 1", "format = true", "'format' must be 1"),
        ("format = 1\n", "", "'format' must be 1"),
        ("country", "colour", "unknown key 'colour'"),
        ("origin", "orgin", "unknown key 'log.orgin'"),
        ('mode = "embedded"', 'mode = "sqlite"', "'database.mode' is embedded or url"),
        ('mode = "embedded"', 'mode = "url"', "needs both URLs"),
        ('mode = "in-process"', 'mode = "socket"', "'keeper.socket'"),
        ('country = "ES"\n', "", "the key 'country' is missing"),
        ("single_operator = false", "single_operator = 0", "must be true or false"),
        (str(ID), "none", "'workspace_id' must be a UUID"),
        ("[keeper]", "[keeper", "is not valid TOML"),
        ('["es", "ar"]', "[1]", "'languages'"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_name(made, old, new, complaint):
    _mend(made, old, new)

    with pytest.raises(WorkspaceError, match=r"workspace\.toml") as refused:
        load(made.folder)

    assert complaint in str(refused.value)


def test_a_folder_without_the_file_is_no_workspace(tmp_path):
    with pytest.raises(WorkspaceError, match="is not a workspace"):
        load(tmp_path)


def test_the_environment_wins_over_the_file(made):
    urls = {
        "DESPENSA_REGISTRY_URL": "postgresql://r:x@db/registry",
        "DESPENSA_LEDGER_URL": "postgresql://l:x@db/ledger",
    }

    found = load(made.folder, urls)

    assert (found.database_mode, found.ledger_url) == ("url", urls["DESPENSA_LEDGER_URL"])
    assert "r:x" not in repr(found)
    with pytest.raises(WorkspaceError, match="Only one of"):
        load(made.folder, {"DESPENSA_LEDGER_URL": urls["DESPENSA_LEDGER_URL"]})


def test_the_workspace_is_found_by_option_variable_and_current_folder(made, tmp_path, monkeypatch):
    other = create(tmp_path / "other", **VALUES)
    named = {"DESPENSA_WORKSPACE": str(other.folder)}

    assert find(made.folder, named) == made.folder
    assert find(None, named) == other.folder
    assert find(None, {}, current=made.folder) == made.folder
    monkeypatch.chdir(made.folder)
    assert find(None, {}) == made.folder
    with pytest.raises(WorkspaceError, match="--workspace"):
        find(tmp_path, named)
