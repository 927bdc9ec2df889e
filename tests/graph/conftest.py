from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.journal import Journal
from graph.keys import KeyStore
from ingest.messages import TenantId

TENANT = TenantId("acme")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = KeyStore(tmp_path / "keys.db")
    yield store
    store.close()


@pytest.fixture
def journal(tmp_path: Path, keys: KeyStore) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db", keys, TENANT)
    yield opened
    opened.close()
