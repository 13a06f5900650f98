"""The revisions lead from nothing to exactly the tables that the code declares, and back, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text, update

from reference.store import Store, metadata
from reference.store.account_tables import accounts, media
from reference.store.code_tables import codes, reported_uses
from reference.store.index_tables import index_references
from reference.store.migrating import configuration, current, migrate, newest

ROWS_OF_0006 = (
    "INSERT INTO index_persons (index_id, state, id_type, id_number, number_head, name, bare_name, sex, birthday, "
    "phone, bare_phone, address, registered_ms, updated_ms) "
    "VALUES ('I', 'active', '01', '1', '', 'a', 'a', '', '', '', '', '', 0, 0)",
    "INSERT INTO accounts (index_id, ecard_id, key_version, state, id_type, id_number, name, sex, birthday, nation, "
    "nationality, phone, telephone, address, domicile, employer, marital_status, kind, guardian_index_id, "
    "birth_order, colour, survivor, proof, clerk, channel, institution, app, registered_ms, updated_ms) "
    "VALUES ('I', 'E', 1, 'normal', '01', '1', 'a', '', '', '', '', '', '', '', '', '', '', 'adult', '', 0, 0, '', '', "
    "'', '', '', '', 0, 0)",
    "INSERT INTO media (medium, issuer, number, index_id, linked_ms, institution) "
    "VALUES ('hospital', '510100001', 'C1', 'I', 5, '')",
    "INSERT INTO reported_uses (institution, serial, medium, card, used_ms, terminal, channel, step, department, "
    "cost_type, received_ms) VALUES ('510100001', 's', 'electronic', 'E', 0, '', '', '', '', '', 0)",
)

INSERT_CODE = (
    "INSERT INTO codes (ecard_id, token, kind, state, issued_ms, app, scene, payment) "
    "VALUES ('E', :token, 'x', 'issued', 0, '', '', '')"
)


@pytest.fixture
def empty(store: Store) -> Store:
    """A database without any table."""
    with store.begin() as connection:
        metadata.drop_all(connection)
    return store


def test_the_revisions_make_what_the_code_declares(empty: Store) -> None:
    migrate(empty)
    with empty.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert current(connection) == newest()


def test_a_database_of_the_newest_form_stays_as_it_is(empty: Store) -> None:
    migrate(empty)
    migrate(empty)
    with empty.read() as connection:
        assert current(connection) == newest()


def test_the_revisions_can_be_taken_back(empty: Store) -> None:
    migrate(empty)
    with empty.begin() as connection:
        command.downgrade(configuration(connection), "base")
    with empty.read() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}


def test_several_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'platform.db'}"

    def start(_: int) -> str | None:
        store = Store(address)
        try:
            migrate(store)
            with store.read() as connection:
                return current(connection)
        finally:
            store.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(start, range(4))) == {newest()}


def test_a_database_with_rows_is_brought_forward_and_linked_cards_enter_the_index(empty: Store) -> None:
    with empty.begin() as connection:
        command.upgrade(configuration(connection), "0006")
        for statement in ROWS_OF_0006:
            connection.execute(text(statement))
    migrate(empty)
    with empty.read() as connection:
        reference = connection.execute(select(index_references)).one()
        use = connection.execute(select(reported_uses)).mappings().one()
    assert (reference.domain, reference.local_id, reference.index_id) == ("hospital:510100001", "C1", "I")
    assert (use["city"], use["reset_number"], use["holder_index_id"]) == ("", "", "")


def test_static_codes_learn_where_their_accounts_lie_and_the_accounts_keep_who_refers_to_them(empty: Store) -> None:
    with empty.begin() as connection:
        command.upgrade(configuration(connection), "0006")
        for statement in ROWS_OF_0006:
            connection.execute(text(statement))
        for token in ("", "T"):
            connection.execute(text(INSERT_CODE), {"token": token})
    migrate(empty)
    with empty.begin() as connection:
        held = {row.token: row.account_id for row in connection.execute(select(codes))}
        number = connection.execute(select(accounts.c.account_id)).scalar_one()
        connection.execute(update(accounts).values(index_id="J"))
        follows = connection.execute(select(media.c.index_id)).scalar_one()
    assert held == {"": number, "T": None}
    assert follows == "J"
