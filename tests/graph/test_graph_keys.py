import multiprocessing
import stat
from pathlib import Path

import pytest

from graph.errors import KeyStoreError
from graph.keys import KeyStore
from ingest.messages import TenantId

ACME, OTHER = TenantId("acme"), TenantId("other")


def test_a_subject_keeps_its_key(tmp_path: Path, keys: KeyStore) -> None:
    key_id, key = keys.key_for(ACME, "p-1")
    assert keys.key_for(ACME, "p-1") == (key_id, key)
    assert keys.key(key_id) == key
    keys.close()
    again = KeyStore(tmp_path / "keys.db")
    assert again.key_for(ACME, "p-1") == (key_id, key)
    again.close()


def test_subjects_and_tenants_have_keys_of_their_own(keys: KeyStore) -> None:
    made = {keys.key_for(tenant, subject) for tenant in (ACME, OTHER) for subject in ("", "p-1", "p-2")}
    assert len({key for _, key in made}) == len({key_id for key_id, _ in made}) == 6


def test_a_destroyed_key_is_gone_also_from_the_cache(keys: KeyStore) -> None:
    key_id, key = keys.key_for(ACME, "p-1")
    other_id, other = keys.key_for(ACME, "p-2")
    assert keys.destroy(ACME, "p-1")
    assert keys.key(key_id) is None
    assert keys.key(other_id) == other
    assert not keys.destroy(ACME, "p-1")
    assert keys.key_for(ACME, "p-1")[1] != key


def test_a_key_destroyed_elsewhere_is_gone_here(tmp_path: Path, keys: KeyStore) -> None:
    key_id, _ = keys.key_for(ACME, "p-1")
    other = KeyStore(tmp_path / "keys.db")
    other.destroy(ACME, "p-1")
    other.close()
    assert keys.key(key_id) is None


def test_nothing_of_a_destroyed_key_stays_in_the_file(tmp_path: Path, keys: KeyStore) -> None:
    key_id, key = keys.key_for(ACME, "p-1")
    path = tmp_path / "keys.db"
    assert key_id.encode() in path.read_bytes()
    keys.destroy(ACME, "p-1")
    files = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert key_id.encode() not in files
    assert key not in files


def test_the_file_is_private_and_holds_no_data_key(tmp_path: Path, keys: KeyStore) -> None:
    _, key = keys.key_for(ACME, "p-1")
    path = tmp_path / "keys.db"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key not in path.read_bytes()


def test_person_ids(keys: KeyStore) -> None:
    ines = keys.person_id(ACME, "Harbour Foods", "Ines")
    assert ines == keys.person_id(ACME, "Harbour Foods", " ines ")
    assert ines != keys.person_id(ACME, "Harbour Foods", "Jonas")
    assert ines != keys.person_id(ACME, "Hill Foods", "Ines")
    assert ines != keys.person_id(OTHER, "Harbour Foods", "Ines")
    assert "nes" not in ines


def test_person_ids_outlive_a_restart(tmp_path: Path, keys: KeyStore) -> None:
    ines = keys.person_id(ACME, "Harbour Foods", "Ines")
    again = KeyStore(tmp_path / "keys.db")
    assert again.person_id(ACME, "Harbour Foods", "Ines") == ines
    again.close()


def test_a_file_that_is_no_key_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_bytes(b"not a database at all, but long enough to be read as one" * 20)
    with pytest.raises(KeyStoreError):
        KeyStore(tmp_path / "keys.db")


def make_keys(path: Path) -> list[tuple[str, bytes]]:
    store = KeyStore(path)
    made = [store.key_for(ACME, f"p-{number}") for number in range(20)]
    store.close()
    return made


def test_two_processes_agree_on_the_keys(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.map(make_keys, [tmp_path / "keys.db"] * 2)
    assert first == second
