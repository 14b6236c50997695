"""The addresses of the databases: where they come from, and what is said when one fails."""

from types import SimpleNamespace

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from despensa.adapters.database.endpoints import DatabaseAddressError, from_urls, probe

REGISTRY = "postgresql://r:secret@db/registry"
LEDGER = "postgresql://l:secret@db/ledger"
BOTH = {"DESPENSA_REGISTRY_URL": REGISTRY, "DESPENSA_LEDGER_URL": LEDGER}


def test_nothing_said_means_the_embedded_database():
    assert from_urls({}, SimpleNamespace(registry_url=None, ledger_url=None)) is None
    assert from_urls({}) is None


def test_the_environment_wins_over_the_workspace():
    workspace = SimpleNamespace(registry_url="postgresql://w/registry", ledger_url=LEDGER)

    found = from_urls({"DESPENSA_REGISTRY_URL": REGISTRY}, workspace)

    assert (found.registry_app, found.ledger_app) == (REGISTRY, LEDGER)
    assert found.superuser is None


def test_an_owner_address_is_the_apps_own_unless_it_is_given():
    owner = "postgresql://o:x@db/ledger"

    found = from_urls({**BOTH, "DESPENSA_LEDGER_OWNER_URL": owner})

    assert (found.registry_owner, found.ledger_owner) == (REGISTRY, owner)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("DESPENSA_REGISTRY_URL", "DESPENSA_LEDGER_URL"),
        ("DESPENSA_LEDGER_URL", "DESPENSA_REGISTRY_URL"),
    ],
)
def test_one_address_alone_is_refused(given, missing):
    with pytest.raises(DatabaseAddressError, match=f"set {missing} as well"):
        from_urls({given: BOTH[given]})


def test_an_unreadable_address_is_named_without_its_password():
    with pytest.raises(DatabaseAddressError, match="DESPENSA_LEDGER_URL") as refused:
        from_urls({**BOTH, "DESPENSA_LEDGER_URL": "postgresql://l:hidden@h:no:port/%zz"})

    assert "hidden" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_addresses_do_not_print_their_passwords():
    assert "secret" not in repr(from_urls(BOTH))


def test_a_database_that_answers_has_nothing_to_say(endpoints):
    assert probe(endpoints.registry_app) is None
    assert probe(endpoints.ledger_owner) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "guessed"}, "refused the password"),
        ({"dbname": "despensa_nowhere"}, "there is no database 'despensa_nowhere'"),
        ({"dbname": "registry"}, "Each role enters its own database only"),
        ({"host": "/nowhere"}, "cannot be reached"),
    ],
)
def test_a_failing_address_gets_its_sentence(endpoints, change, sentence):
    parts = conninfo_to_dict(endpoints.ledger_app)
    if change.get("dbname") == "registry":
        change = {"dbname": conninfo_to_dict(endpoints.registry_app)["dbname"]}

    said = probe(make_conninfo(**{**parts, **change}), timeout_seconds=2)

    if said is None and "password" in change:
        pytest.skip("the given server trusts local roles whatever their password")
    assert sentence in said
    assert parts["password"] not in said


def test_an_address_that_is_none_gets_its_sentence():
    assert "cannot be read" in probe("nonsense")
