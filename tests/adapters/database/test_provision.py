"""The two databases and four roles: made once or twice, each shut against the other."""

import secrets

import psycopg
import pytest

from despensa.adapters.database.provision import Names, NotSuperuser, drop, endpoints_of, provision

PREFIX = f"despensa_made_{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def made(endpoints):
    """A pair of databases of these tests alone."""
    names = Names(PREFIX)
    passwords = {role: secrets.token_hex(8) for role in names.roles()}
    provision(endpoints.superuser, passwords, prefix=PREFIX)
    provision(endpoints.superuser, passwords, prefix=PREFIX)
    yield endpoints_of(endpoints.superuser, passwords, prefix=PREFIX)
    drop(endpoints.superuser, prefix=PREFIX)


def _elsewhere(address: str, kind: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(address)
    return psycopg.conninfo.make_conninfo(**{**parts, "dbname": Names(PREFIX).database(kind)})


@pytest.mark.parametrize("kind", ["registry", "ledger"])
@pytest.mark.parametrize("part", ["app", "owner"])
def test_a_role_enters_its_own_database_and_not_the_other(made, kind, part):
    other = "ledger" if kind == "registry" else "registry"
    address = getattr(made, f"{kind}_{part}")

    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (f"{PREFIX}_{kind}",)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(_elsewhere(address, other))


@pytest.mark.parametrize("kind", ["registry", "ledger"])
def test_roles_are_plain(made, kind):
    with psycopg.connect(made.superuser) as connection:
        roles = connection.execute(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls,"
            " rolcanlogin FROM pg_roles WHERE rolname LIKE %s",
            (f"{PREFIX}_{kind}_%",),
        )
        assert roles.fetchall() == [(False, True)] * 2


def test_only_the_owner_makes_tables(made):
    with psycopg.connect(made.ledger_owner) as connection:
        connection.execute("CREATE TABLE made_by_owner (number int)")

    for statement in (
        "CREATE TABLE made_by_app (number int)",
        "CREATE TEMPORARY TABLE made_by_app (number int)",
        "CREATE SCHEMA made_by_app",
        "SELECT * FROM made_by_owner",
        "DROP TABLE made_by_owner",
    ):
        with (
            psycopg.connect(made.ledger_app) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_text_is_utf8_ordered_by_bytes(made):
    with psycopg.connect(made.registry_app) as connection:
        ordered = connection.execute(
            "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['ñ', 'a', 'B', 'ب']) x"
        )
        assert ordered.fetchone() == ("Bañب",)
        folded = connection.execute("SELECT lower('ÑÁÉ')").fetchone()
        assert folded == ("ñáé",)


def test_an_ordinary_role_may_not_provision(made):
    with pytest.raises(NotSuperuser, match="super-user"):
        provision(made.ledger_owner, {}, prefix="x")


def test_passwords_can_be_changed(endpoints):
    prefix = f"despensa_new_{secrets.token_hex(4)}"
    try:
        for password in ("first", "second"):
            passwords = dict.fromkeys(Names(prefix).roles(), password)
            provision(endpoints.superuser, passwords, prefix=prefix)
            found = endpoints_of(endpoints.superuser, passwords, prefix=prefix)
            psycopg.connect(found.ledger_app).close()
    finally:
        drop(endpoints.superuser, prefix=prefix)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(found.ledger_app)
