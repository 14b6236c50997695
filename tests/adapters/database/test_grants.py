"""The grants of an app role: exactly the list, seen as the database sees them."""

import psycopg
import pytest

from despensa.adapters.database.grants import GrantError, apply_grants, canonical, read_grants

LIST = {
    "grant_leaf": ["INSERT", "SELECT"],
    "grant_account": ["SELECT", "UPDATE(state, balance)"],
    "grant_closed": [],
}


@pytest.fixture
def tables(endpoints):
    """Three tables of the ledger's owner, gone again afterwards; the app role's name."""
    with psycopg.connect(endpoints.ledger_owner) as connection:
        connection.execute(
            "CREATE TABLE grant_leaf (id serial PRIMARY KEY, hash bytea);"
            "CREATE TABLE grant_account (id int, balance bigint, state text);"
            "CREATE TABLE grant_closed (id int)"
        )
    yield psycopg.conninfo.conninfo_to_dict(endpoints.ledger_app)["user"]
    with psycopg.connect(endpoints.ledger_owner) as connection:
        connection.execute("DROP TABLE grant_leaf, grant_account, grant_closed")


def _ours(found):
    return {table: found[table] for table in found if table.startswith("grant_")}


def test_what_is_applied_is_what_is_read_back(endpoints, tables):
    apply_grants(endpoints.ledger_owner, LIST, tables)

    assert _ours(read_grants(endpoints.ledger_app, tables)) == canonical(LIST)
    with psycopg.connect(endpoints.ledger_app) as app:
        app.execute("INSERT INTO grant_leaf (hash) VALUES ('a')")
        app.execute("UPDATE grant_account SET balance = 1")
    for refused in (
        "DELETE FROM grant_leaf",
        "UPDATE grant_leaf SET hash = 'b'",
        "UPDATE grant_account SET id = 1",
        "SELECT * FROM grant_closed",
        "TRUNCATE grant_leaf",
    ):
        with (
            psycopg.connect(endpoints.ledger_app) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute(refused)


def test_a_shorter_list_takes_privileges_away(endpoints, tables):
    apply_grants(endpoints.ledger_owner, LIST, tables)

    apply_grants(endpoints.ledger_owner, {"grant_leaf": ["SELECT"]}, tables)

    assert _ours(read_grants(endpoints.ledger_app, tables)) == {"grant_leaf": ("SELECT",)}


@pytest.mark.parametrize(
    "breach",
    [
        "GRANT DELETE ON grant_leaf TO {role}",
        "GRANT UPDATE (id) ON grant_account TO {role}",
        "GRANT TRUNCATE ON grant_closed TO {role}",
        "GRANT SELECT ON grant_closed TO PUBLIC",
        "REVOKE INSERT ON grant_leaf FROM {role}",
    ],
)
def test_a_grant_changed_behind_our_back_is_seen(endpoints, tables, breach):
    apply_grants(endpoints.ledger_owner, LIST, tables)

    with psycopg.connect(endpoints.ledger_owner) as connection:
        connection.execute(breach.format(role=tables))

    assert _ours(read_grants(endpoints.ledger_app, tables)) != canonical(LIST)
    apply_grants(endpoints.ledger_owner, LIST, tables)
    assert _ours(read_grants(endpoints.ledger_app, tables)) == canonical(LIST)


@pytest.mark.parametrize(
    ("grants", "complaint"),
    [
        ({"grant_missing": ["SELECT"]}, "does not exist"),
        ({"grant_account": ["UPDATE(colour)"]}, "colour"),
        ({"grant_account": ["TRUNCATE"]}, "cannot be read"),
        ({"grant_account": ["DELETE(id)"]}, "cannot be read"),
        ({"grant_account": ["UPDATE()"]}, "cannot be read"),
        ({"grant_account": ["UPDATE( , )"]}, "cannot be read"),
        ({"grant_account": ["select"]}, "cannot be read"),
    ],
)
def test_a_list_that_means_nothing_is_refused_and_changes_nothing(
    endpoints, tables, grants, complaint
):
    apply_grants(endpoints.ledger_owner, LIST, tables)

    with pytest.raises(GrantError, match=complaint):
        apply_grants(endpoints.ledger_owner, grants, tables)

    assert _ours(read_grants(endpoints.ledger_app, tables)) == canonical(LIST)
