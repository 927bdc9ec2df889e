"""A tenant's adapters on disk: release, the way back, several processes, and what breaks."""

import json
import multiprocessing
import shutil
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from intent.adapters import POINTER_FILE, AdapterStore, Release, default_folder
from intent.errors import BrokenAdapterError, UnknownAdapterError
from intent.manifest import ADAPTER_FILE, MANIFEST_FILE, Manifest, read_manifest, sha256_of


@pytest.fixture
def store(tmp_path) -> AdapterStore:
    return AdapterStore(tmp_path / "adapters")


def add(store: AdapterStore, tmp_path: Path, name: str, day: int = 1) -> str:
    staged = tmp_path / f"staged-{name}"
    staged.mkdir()
    manifest = read_manifest(default_folder()).model_copy(
        update={"adapter_id": name, "created_at": datetime(2027, 1, day, tzinfo=UTC)}
    )
    (staged / MANIFEST_FILE).write_text(manifest.model_dump_json())
    shutil.copy(default_folder() / ADAPTER_FILE, staged)
    assert store.add(staged, manifest.adapter_id) == tmp_path / "adapters" / name
    assert not staged.exists()
    return name


def test_a_new_tenant_uses_the_default_and_nothing_is_written(store, tmp_path):
    assert store.champion() == store.default_id() == read_manifest(default_folder()).adapter_id
    assert store.state_of(store.champion()) == "champion"
    assert store.stamp() is None
    assert store.folder_of(store.default_id()) == default_folder()
    assert [one.adapter_id for one in store.manifests()] == [store.default_id()]
    assert not (tmp_path / "adapters").exists()


def test_states_through_release_and_the_way_back(store, tmp_path):
    default, a, b = store.default_id(), add(store, tmp_path, "a"), add(store, tmp_path, "b", 2)
    assert [store.state_of(one) for one in (default, a, b)] == ["champion", "candidate", "candidate"]
    assert store.promote(a) == Release(a, default)
    assert [store.state_of(one) for one in (default, a, b)] == ["default", "champion", "candidate"]
    assert store.promote(b) == Release(b, a)
    assert [store.state_of(one) for one in (default, a, b)] == ["default", "former", "champion"]
    assert store.rollback() == Release(a, b)
    assert [store.state_of(one) for one in (default, a, b)] == ["default", "champion", "former"]
    assert store.rollback() == Release(default, a)
    assert [store.state_of(one) for one in (default, a, b)] == ["champion", "former", "former"]
    with pytest.raises(UnknownAdapterError, match="nothing to roll back"):
        store.rollback()


def test_the_default_may_be_promoted_again_and_taken_back(store, tmp_path):
    default, a = store.default_id(), add(store, tmp_path, "a")
    store.promote(a)
    assert store.promote(default) == Release(default, a)
    assert store.champion() == default
    assert store.rollback() == Release(a, default)
    assert store.champion() == a


def test_a_former_one_may_be_promoted_again(store, tmp_path):
    a = add(store, tmp_path, "a")
    store.promote(a)
    store.rollback()
    assert store.promote(a) == Release(a, store.default_id())
    assert store.state_of(a) == "champion"


def test_another_store_sees_the_release(store, tmp_path):
    a = add(store, tmp_path, "a")
    store.promote(a)
    assert AdapterStore(tmp_path / "adapters").champion() == a


def test_the_champion_is_not_promoted_twice(store, tmp_path):
    a = add(store, tmp_path, "a")
    store.promote(a)
    with pytest.raises(UnknownAdapterError, match="already"):
        store.promote(a)
    with pytest.raises(UnknownAdapterError, match="already"):
        AdapterStore(tmp_path / "other").promote(store.default_id())


def test_the_stamp_changes_with_each_release_only(store, tmp_path):
    a, b = add(store, tmp_path, "a"), add(store, tmp_path, "b")
    stamps = [store.stamp()]
    for change in (lambda: store.promote(a), lambda: store.promote(b), store.rollback, store.rollback):
        change()
        assert store.stamp() == store.stamp()
        stamps.append(store.stamp())
    assert all(before != after for before, after in pairwise(stamps))
    before = store.stamp()
    add(store, tmp_path, "c")
    assert store.stamp() == before


def test_manifests_stand_oldest_first_without_unreadable_ones(store, tmp_path):
    add(store, tmp_path, "late", 9)
    add(store, tmp_path, "early", 2)
    add(store, tmp_path, "broken", 5)
    (tmp_path / "adapters/broken" / MANIFEST_FILE).write_text("{")
    assert [one.adapter_id for one in store.manifests()] == [store.default_id(), "early", "late"]
    with pytest.raises(BrokenAdapterError):
        store.promote("broken")
    assert store.champion() == store.default_id()


def test_a_manifest_is_replaced(store, tmp_path):
    add(store, tmp_path, "a")
    folder = store.folder_of("a")
    store.write_manifest(read_manifest(folder).model_copy(update={"gate": "refused", "gate_reasons": ("worse",)}))
    assert (read_manifest(folder).gate, read_manifest(folder).gate_reasons) == ("refused", ("worse",))
    assert {one.name for one in folder.iterdir()} == {ADAPTER_FILE, MANIFEST_FILE}


@pytest.mark.parametrize("adapter_id", ["nope", "", ".", "..", "../adapters/a", "a/../a", "/etc"])
def test_an_unknown_id_is_refused_and_paths_do_not_lead_out(store, tmp_path, adapter_id):
    add(store, tmp_path, "a")
    with pytest.raises(UnknownAdapterError, match="adapters list"):
        store.folder_of(adapter_id)
    with pytest.raises(UnknownAdapterError):
        store.promote(adapter_id)
    assert store.champion() == store.default_id()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '"x"', "{}", '{"champions": ["a"]}', '{"champions": 1, "taken_back": []}']
)
def test_a_broken_pointer_says_what_to_do(store, tmp_path, content):
    a = add(store, tmp_path, "a")
    store.promote(a)
    pointer = tmp_path / "adapters" / POINTER_FILE
    pointer.write_text(content)
    for use in (store.champion, store.rollback, lambda: store.state_of(a), lambda: store.promote(a)):
        with pytest.raises(BrokenAdapterError, match="remove it"):
            use()
    pointer.unlink()
    assert store.champion() == store.default_id()


def test_what_was_taken_back_is_remembered_by_another_store(store, tmp_path):
    a, b = add(store, tmp_path, "a"), add(store, tmp_path, "b")
    store.promote(a)
    store.rollback()
    store.promote(b)
    again = AdapterStore(tmp_path / "adapters")
    assert [again.state_of(one) for one in (a, b)] == ["former", "champion"]


def test_nothing_half_written_is_seen_and_nothing_is_left_over(store, tmp_path):
    add(store, tmp_path, "a")
    assert [one.name for one in (tmp_path / "adapters").iterdir()] == ["a"]
    staged = tmp_path / "again"
    shutil.copytree(tmp_path / "adapters/a", staged)
    with pytest.raises(FileExistsError):
        store.add(staged, read_manifest(staged).adapter_id)
    assert staged.exists()
    # What a process that was killed while adding leaves behind.
    shutil.copytree(staged, tmp_path / "adapters/.new-x/b")
    assert [one.adapter_id for one in store.manifests()] == [store.default_id(), "a"]


@pytest.mark.parametrize("harm", ["missing", "truncated", "changed"])
def test_a_broken_adapter_is_not_promoted(store, tmp_path, harm):
    add(store, tmp_path, "a")
    path = store.folder_of("a") / ADAPTER_FILE
    content = path.read_bytes()
    path.unlink()
    if harm != "missing":
        path.write_bytes(content[:-1] if harm == "truncated" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BrokenAdapterError, match="manifest names"):
        store.promote("a")
    assert store.champion() == store.default_id()


def promote_often(work: tuple[Path, str, int]) -> int:
    folder, adapter_id, times = work
    store = AdapterStore(folder)
    for _ in range(times):
        if store.champion() != adapter_id:
            store.promote(adapter_id)
    return times


def test_two_processes_lose_no_release(store, tmp_path):
    names = [add(store, tmp_path, name) for name in ("a", "b")]
    work = [(tmp_path / "adapters", name, 20) for name in names]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map_async(promote_often, work).get(60)
    line = [store.champion()]
    while line[-1] != store.default_id():
        line.append(store.rollback().adapter_id)
    assert set(line) == {*names, store.default_id()}
    assert all(one != other for one, other in pairwise(line))


def test_a_manifest_there_and_back():
    manifest = read_manifest(default_folder())
    assert Manifest.model_validate_json(manifest.model_dump_json()) == manifest
    assert manifest.sha256 == sha256_of(default_folder() / ADAPTER_FILE)
    reading = manifest.decoding
    assert reading.labels.names == tuple(one.type for one in manifest.types)
    assert len(reading.slopes) == len(reading.intercepts) == len(reading.thresholds)
    assert manifest.gate == "passed"
    assert manifest.report["held_out_sha256"]


def test_a_manifest_with_an_unknown_field_is_refused(tmp_path):
    content = json.loads((default_folder() / MANIFEST_FILE).read_bytes())
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(content | {"champion": True}))
    with pytest.raises(BrokenAdapterError, match="no adapter manifest"):
        read_manifest(tmp_path)
    with pytest.raises(BrokenAdapterError, match="no adapter in"):
        read_manifest(tmp_path / "nowhere")
