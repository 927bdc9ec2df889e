"""A tenant opened from its journal and from a snapshot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.config import JournalConfig
from graph.keys import KeyStore
from graph.tenants import TenantFolder
from server.tenant import SNAPSHOT_EVENTS, Tenant
from tests.graph.graph_samples import CALL, TENANT, assigned, ended, item, participant, signal, started, utterance

NEED = signal("s1", on=1)
TALK = (
    started(),
    participant(),
    utterance(1, "We need the split by cost centre."),
    NEED,
    assigned(NEED, "n1"),
    ended(),
)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    found = KeyStore(tmp_path / "keys.db")
    yield found
    found.close()


def opened(data: Path, keys: KeyStore) -> Tenant:
    return Tenant(TenantFolder(data, TENANT), keys, JournalConfig())


def test_a_large_tenant_starts_from_its_snapshot(tmp_path: Path, keys: KeyStore) -> None:
    tenant = opened(tmp_path, keys)
    tenant.append([*TALK, *(item(f"T-{number}") for number in range(SNAPSHOT_EVENTS))], "test")
    lines, needs, seq = list(tenant.graph.lines()), tenant.graph.needs(), tenant.seq
    tenant.close()
    assert tenant.folder.snapshot.exists()
    again = opened(tmp_path, keys)
    assert (list(again.graph.lines()), again.graph.needs(), again.seq) == (lines, needs, seq)
    (change,) = again.append([utterance(2, "And by month.", CALL)], "test")
    assert change.seq == seq + 1
    assert next(iter(again.replayed(seq))).message == change.message
    again.close()


def test_a_small_tenant_keeps_none(tmp_path: Path, keys: KeyStore) -> None:
    tenant = opened(tmp_path, keys)
    tenant.append(TALK, "test")
    tenant.close()
    assert not tenant.folder.snapshot.exists()


def test_what_happened_before_the_start_is_left_to_whoever_asks_for_it(tmp_path: Path, keys: KeyStore) -> None:
    tenant = opened(tmp_path, keys)
    tenant.append(TALK, "test")
    assert len(tenant.unprojected) == len(TALK)
    tenant.close()
    again = opened(tmp_path, keys)
    assert not again.unprojected
    assert [change.seq for change in again.replayed(2)] == [3, 4, 5, 6]
    again.close()


def test_messages_tried_on_a_copy_leave_the_tenant_as_it_was(tmp_path: Path, keys: KeyStore) -> None:
    tenant = opened(tmp_path, keys)
    tenant.append(TALK[:4], "test")
    tried = tenant.copied()
    tried.apply(TALK[4])
    assert len(tried.needs()) == 1
    assert tenant.graph.needs() == ()
    tenant.close()
