"""What the database refuses by itself, whoever asks: constraints, privileges, two separate books."""

import uuid

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

from despensa.adapters.database import grants, upgrade
from despensa.domain.forbidden import forbidden_category
from tests.factories.shelf import as_app, as_owner, into

KINDS = ("registry", "ledger")
_BOTH = ("journal", "leaf_queue", "leaf_number", "journal_content")
# deleting transfers and journal content of the ledger is fade: triggers guard it
NEVER_CHANGED = [
    (kind, table)
    for kind in KINDS
    for table in _BOTH
    if (kind, table) != ("ledger", "journal_content")
]
MAY_DELETE = {
    "registry": {
        "person_key", "search_token", "person_tokens", "command_session", "used_code", "short_memory", "django_session", "mfa_authenticator",
        "account_emailaddress", "account_emailconfirmation", "origin", "household_before",
        "registrant_before", "sealed_before", "introducer", "introducer_month", "introduction",
        "partner_message", "partner_meter", "rule_preview", "decision", "benefit_line",
        "recovery_line",
    },
    "ledger": {
        "inbox_event", "slip", "take_over", "lease", "lease_row", "account", "transfer", "swept", "carry_over",
        "carry_over_line", "tag", "device_event", "inbox_batch", "redemption", "refusal",
        "aborted_scan", "evidence_batch", "fork", "delivery_case", "journal_content", "outbox",
        "hold", "hold_end",
    },
}  # fmt: skip


def _grants_mistakes(endpoints):
    """Return every table whose privileges differ from the reviewed file."""
    reviewed = upgrade.reviewed_grants()
    found = []
    for kind in KINDS:
        role = upgrade.role_of(getattr(endpoints, f"{kind}_app"))
        has = grants.read_grants(getattr(endpoints, f"{kind}_owner"), role)
        may = grants.canonical(reviewed[kind])
        found += [
            f"{kind}.{t}" for t in sorted(has.keys() | may.keys()) if has.get(t) != may.get(t)
        ]
    return found


def _other_household(connection):
    """Return a household that is not the first, with a person of the first."""
    row = connection.execute(
        """SELECT (SELECT id FROM household ORDER BY id DESC LIMIT 1), membership.registrant_id,
                  membership.household_id
           FROM membership WHERE role = 2 AND household_id <>
                (SELECT id FROM household ORDER BY id DESC LIMIT 1) LIMIT 1"""
    ).fetchone()
    assert row
    return row


def _join(connection, household, registrant, role):
    connection.execute(
        """INSERT INTO membership (id, household_id, registrant_id, role, from_date)
           VALUES (%s, %s, %s, %s, '2026-01-01')""",
        (uuid.UUID(int=1), household, registrant, role),
    )


class TestRegistry:
    """People and households."""

    def test_a_person_lives_in_one_household(self, registered_books):
        with as_app(registered_books.endpoints, "registry") as connection:
            household, registrant, _ = _other_household(connection)

            with pytest.raises(errors.UniqueViolation, match="one_household_a_person"):
                _join(connection, household, registrant, 2)

    def test_a_person_may_collect_for_another_household(self, registered_books):
        with as_app(registered_books.endpoints, "registry") as connection:
            household, registrant, _ = _other_household(connection)

            _join(connection, household, registrant, 4)

    def test_a_household_has_one_head(self, registered_books):
        with as_app(registered_books.endpoints, "registry") as connection:
            _, registrant, own = _other_household(connection)
            connection.execute(
                "UPDATE membership SET until_date = '2100-01-01' WHERE registrant_id = %s",
                (registrant,),
            )

            with pytest.raises(errors.UniqueViolation, match="one_head_a_household"):
                _join(connection, own, registrant, 1)

    @pytest.mark.parametrize(
        "statement, constraint",
        [
            ("UPDATE registrant SET birth_month = '1990-05-02'", "birth_month_is_a_first"),
            (
                "UPDATE registrant SET birth_precision = 0 WHERE birth_month IS NOT NULL",
                "precision",
            ),
            ("UPDATE registrant SET sex = 9", "sex_known"),
            ("UPDATE membership SET until_date = from_date - 1", "does_not_end_before_it_starts"),
            ("UPDATE role_grant SET until_date = from_date", "ends_after_it_starts"),
        ],
    )
    def test_values_that_cannot_be_are_refused(self, registered_books, statement, constraint):
        with (
            as_app(registered_books.endpoints, "registry") as connection,
            pytest.raises(errors.CheckViolation, match=constraint),
        ):
            connection.execute(statement)

    def test_a_card_is_not_handed_over_to_nobody(self, carded_books):
        with (
            as_app(carded_books.endpoints, "registry") as connection,
            pytest.raises(errors.CheckViolation, match="has_a_household"),
        ):
            connection.execute("UPDATE card SET state = 2 WHERE household_id IS NULL")

    def test_a_household_gets_one_benefit_a_root_cycle_and_line(self, decided_books):
        with (
            as_owner(decided_books.endpoints, "registry") as connection,
            pytest.raises(errors.UniqueViolation),
        ):
            connection.execute("INSERT INTO benefit_line SELECT * FROM benefit_line LIMIT 1")

    def test_a_household_that_was_not_decided_gets_nothing(self, decided_books):
        with (
            as_owner(decided_books.endpoints, "registry") as connection,
            pytest.raises(errors.ForeignKeyViolation, match="has_a_decision"),
        ):
            connection.execute(
                "UPDATE benefit_line SET household_id = gen_random_uuid() "
                "WHERE ctid = (SELECT min(ctid) FROM benefit_line)"
            )


class TestLedger:
    """Units come from somewhere and go somewhere; nothing is overdrawn."""

    def _transfer(self, connection, debit, credit, amount, unit=1):
        connection.execute(
            """INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
               VALUES (gen_random_uuid(), %s, %s, %s, %s, 3, gen_random_uuid())""",
            (debit, credit, unit, amount),
        )

    def _account(self, connection, kind, at=0):
        return connection.execute(
            "SELECT id FROM account WHERE kind = %s ORDER BY id OFFSET %s LIMIT 1", (kind, at)
        ).fetchone()[0]

    def test_an_overdraft_is_refused(self, opened_books):
        with as_app(opened_books.endpoints, "ledger") as connection:
            debit, granted = self._account(connection, 3), self._account(connection, 1)

            with pytest.raises(errors.CheckViolation, match="not_overdrawn"):
                self._transfer(connection, debit, granted, 1_000)

    def test_a_transfer_to_an_unknown_account_is_refused(self, opened_books):
        with as_app(opened_books.endpoints, "ledger") as connection:
            debit = self._account(connection, 3)

            with pytest.raises(errors.ForeignKeyViolation, match="unknown account"):
                self._transfer(connection, debit, bytes(16), 1)
            with pytest.raises(errors.ForeignKeyViolation, match="unknown account"):
                self._transfer(connection, debit, self._account(connection, 1), 1, unit=99)

    def test_a_transfer_moves_something_between_two_accounts(self, opened_books):
        with as_app(opened_books.endpoints, "ledger") as connection:
            debit, granted = self._account(connection, 3), self._account(connection, 1)

            for arguments in ((debit, granted, 0), (debit, granted, -1), (debit, debit, 1)):
                with pytest.raises(errors.CheckViolation):
                    self._transfer(connection, *arguments)

    def test_an_account_starts_at_nothing(self, opened_books):
        with (
            as_app(opened_books.endpoints, "ledger") as connection,
            pytest.raises(errors.CheckViolation, match="starts at 0"),
        ):
            connection.execute("INSERT INTO account VALUES ('\\x01', 1, 3, NULL, 5, true)")

    def test_only_the_fund_of_the_cycle_makes_the_accounts_it_fills(self, opened_books):
        def opens(connection, debit, account, amount, cycle, cause=2):
            connection.execute(
                "INSERT INTO transfer VALUES (gen_random_uuid(), %s, %s, 1, %s, %s, %s)",
                (debit, account, amount, cause, cycle),
            )

        with as_app(opened_books.endpoints, "ledger") as connection:
            [(fund, cycle)] = connection.execute(
                "SELECT id, cycle FROM account WHERE kind = 2"
            ).fetchall()
            granted, account = self._account(connection, 1), self._account(connection, 3)
            # something to give, and room in the fund for it
            opens(connection, granted, fund, 10, cycle, cause=1)

            opens(connection, fund, b"n" * 16, 3, cycle)
            opens(connection, fund, b"n" * 16, 4, cycle)

            assert connection.execute(
                "SELECT kind, cycle, balance, no_overdraft FROM account WHERE id = %s", (b"n" * 16,)
            ).fetchall() == [(3, cycle, 7, True)]
            for debit, of, cause in (
                (fund, uuid.uuid4(), 2),
                (account, cycle, 2),
                (fund, cycle, 3),
            ):
                with (
                    pytest.raises(errors.ForeignKeyViolation, match="unknown account"),
                    connection.transaction(),
                ):
                    opens(connection, debit, b"m" * 16, 1, of, cause)
            with (
                pytest.raises(errors.CheckViolation, match="not_overdrawn"),
                connection.transaction(),
            ):
                opens(connection, fund, b"m" * 16, 4, cycle)

    def test_an_account_with_a_limit_keeps_a_balance(self, opened_books):
        with (
            as_app(opened_books.endpoints, "ledger") as connection,
            pytest.raises(errors.CheckViolation, match="keeps_a_balance"),
        ):
            connection.execute("INSERT INTO account VALUES ('\\x01', 1, 3, NULL, NULL, false)")

    def test_the_program_cannot_set_a_balance(self, opened_books):
        with (
            as_app(opened_books.endpoints, "ledger") as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute("UPDATE account SET balance = 7 WHERE kind = 3")

    def test_two_phones_cannot_hold_one_account(self, leased_books):
        with as_app(leased_books.endpoints, "ledger") as connection:
            connection.execute(
                """INSERT INTO lease (id, device_id, session_id, expires_at, state, digest)
                   SELECT gen_random_uuid(), device_id, session_id, expires_at, 2, digest
                   FROM lease"""
            )
            with pytest.raises(errors.UniqueViolation, match="one_phone_an_account"):
                connection.execute(
                    """INSERT INTO lease_row (lease_id, account, unit, quantity, claimed, active)
                       SELECT (SELECT id FROM lease WHERE state = 2), account, unit, 1, 0, true
                       FROM lease_row LIMIT 1"""
                )


class TestPrivileges:
    """The running program may do what the reviewed file says, and nothing more."""

    def test_they_are_exactly_the_reviewed_ones(self, founded_books):
        assert _grants_mistakes(founded_books.endpoints) == []

    @pytest.mark.parametrize(
        "kind, grant",
        [
            ("ledger", "GRANT UPDATE ON transfer TO {}"),
            ("registry", "GRANT UPDATE (hash) ON proposal TO {}"),
            ("registry", "GRANT TRUNCATE ON household TO PUBLIC"),
            ("ledger", "REVOKE SELECT ON account FROM {}"),
        ],
    )
    def test_a_privilege_changed_on_purpose_is_noticed(self, founded_books, kind, grant):
        role = upgrade.role_of(getattr(founded_books.endpoints, f"{kind}_app"))
        with as_owner(founded_books.endpoints, kind) as connection:
            connection.execute(sql.SQL(grant).format(sql.Identifier(role)))

        assert len(_grants_mistakes(founded_books.endpoints)) == 1

    @pytest.mark.parametrize("kind, table", NEVER_CHANGED)
    @pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {}"])
    def test_history_is_neither_changed_nor_removed(self, opened_books, kind, table, verb):
        with as_app(opened_books.endpoints, kind) as connection:
            columns = connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum = 1",
                (table,),
            ).fetchall()
            names = [sql.Identifier(table), *[sql.Identifier(columns[0][0])] * 2]

            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(sql.SQL(verb).format(*names[: verb.count("{}")]))

    @pytest.mark.parametrize("table", ["transfer", "journal_content"])
    @pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "TRUNCATE {}"])
    def test_what_fades_is_never_changed(self, opened_books, table, verb):
        column = {"transfer": "amount", "journal_content": "bytes"}[table]
        names = [sql.Identifier(table), *[sql.Identifier(column)] * 2]
        with (
            as_app(opened_books.endpoints, "ledger") as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(sql.SQL(verb).format(*names[: verb.count("{}")]))

    @pytest.mark.parametrize("kind", KINDS)
    def test_rows_are_deleted_only_where_a_reason_is_written(self, kind):
        reviewed = upgrade.reviewed_grants()[kind]

        assert {table for table, verbs in reviewed.items() if "DELETE" in verbs} == MAY_DELETE[kind]

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_program_makes_and_drops_no_table(self, founded_books, kind):
        with as_app(founded_books.endpoints, kind) as connection:
            for statement in ("CREATE TABLE mine (id int)", "DROP TABLE journal"):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(statement)

    @pytest.mark.parametrize("role", ["app", "owner"])
    @pytest.mark.parametrize("kind, other", [KINDS, KINDS[::-1]])
    def test_no_role_reads_both_books(self, founded_books, role, kind, other):
        endpoints = founded_books.endpoints
        there = conninfo_to_dict(getattr(endpoints, f"{other}_app"))["dbname"]

        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(into(getattr(endpoints, f"{kind}_{role}"), there))

    def test_no_role_is_more_than_a_role(self, founded_books):
        roles = [
            upgrade.role_of(getattr(founded_books.endpoints, f"{kind}_{role}"))
            for kind in KINDS
            for role in ("app", "owner")
        ]
        with as_owner(founded_books.endpoints, "registry") as connection:
            found = connection.execute(
                """SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
                   FROM pg_roles WHERE rolname = ANY (%s)""",
                (roles,),
            ).fetchall()
            members = connection.execute(
                "SELECT count(*) FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = member "
                "WHERE rolname = ANY (%s)",
                (roles,),
            ).fetchone()

        assert found == [(False,)] * 4
        assert members == (0,)


class TestTables:
    """What the tables are called, and how they came to be."""

    def test_no_column_is_named_for_a_forbidden_category(self, founded_books):
        found = []
        for kind in KINDS:
            with as_owner(founded_books.endpoints, kind) as connection:
                for table, column in connection.execute(
                    """SELECT table_name, column_name FROM information_schema.columns
                       WHERE table_schema = 'public'"""
                ):
                    category = forbidden_category(column) or forbidden_category(table)
                    if category is not None:
                        found.append(f"{kind}.{table}.{column}: {category}")

        assert found == []

    def test_no_migration_is_left(self, founded_books):
        assert upgrade.pending(founded_books.endpoints) == []

    def test_upgrading_again_changes_nothing(self, founded_books):
        upgrade.upgrade(founded_books.endpoints)

        assert _grants_mistakes(founded_books.endpoints) == []

    def test_models_and_migrations_say_the_same(self, founded_books):
        from django.core.management import call_command

        call_command("makemigrations", check=True, dry_run=True, verbosity=0)

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_server_is_one_we_support(self, founded_books, kind):
        with as_app(founded_books.endpoints, kind) as connection:
            assert connection.info.server_version >= 150_000

    def test_nothing_in_the_ledger_refers_to_people_or_cards(self, founded_books):
        with as_owner(founded_books.endpoints, "ledger") as connection:
            columns = {
                column
                for (column,) in connection.execute(
                    "SELECT column_name FROM information_schema.columns "
                    "WHERE table_schema = 'public' AND table_name <> 'inbox_event'"
                )
            }

        assert not columns & {
            "household", "household_id", "registrant", "registrant_id", "person", "card",
            "card_number", "number10",
        }  # fmt: skip
