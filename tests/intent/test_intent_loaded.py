"""Champions of many tenants in memory: shared default, releases between two readings, a bound, and no mixing."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil
import pytest

from ingest.messages import TenantId
from intent.adapters import AdapterStore, default_folder
from intent.config import IntentConfig
from intent.encode import Turn
from intent.loaded import LoadedAdapters
from intent.manifest import ADAPTER_FILE, MANIFEST_FILE, read_manifest, sha256_of
from intent.messages import AdapterId
from intent.model import IntentModel, read_adapter, write_adapter

pytestmark = pytest.mark.model

TURN = Turn("We need it to talk to SAP, but honestly the price worries me.", ())
MB = 1 << 20


@pytest.fixture(scope="module")
def model(models_dir: Path) -> IntentModel:
    return IntentModel(models_dir, IntentConfig())


def store(tmp_path: Path, tenant: str) -> AdapterStore:
    return AdapterStore(tmp_path / tenant / "adapters")


def release(tmp_path: Path, tenant: str, name: str, shift: float) -> AdapterStore:
    """An adapter of the tenant's own whose pooled logits lie this much higher than the default one's."""
    own, staged = store(tmp_path, tenant), tmp_path / f"staged-{tenant}-{name}"
    staged.mkdir(parents=True)
    tensors = read_adapter(default_folder() / ADAPTER_FILE)
    tensors["head.pooled.b"] = tensors["head.pooled.b"] + np.float32(shift)
    write_adapter(staged / ADAPTER_FILE, tensors)
    manifest = read_manifest(default_folder()).model_copy(
        update={
            "adapter_id": AdapterId(name),
            "created_at": datetime.now(UTC),
            "sha256": sha256_of(staged / ADAPTER_FILE),
        }
    )
    (staged / MANIFEST_FILE).write_text(manifest.model_dump_json())
    own.add(staged, AdapterId(name))
    own.promote(name)
    return own


def pooled(model: IntentModel, loaded: LoadedAdapters, tenant: str, own: AdapterStore) -> float:
    return float(model.logits(TURN, loaded.champion(TenantId(tenant), own))[0].pooled[0])


def test_tenants_without_an_adapter_share_the_default_one(model: IntentModel, tmp_path: Path) -> None:
    loaded = LoadedAdapters(model, 2)
    found = [loaded.champion(TenantId(name), store(tmp_path, name)) for name in ("a", "b", "c")]
    assert found[0] is found[1] is found[2]
    assert len(loaded) == 0


def test_a_release_and_its_way_back_take_effect_at_the_next_reading(model: IntentModel, tmp_path: Path) -> None:
    loaded = LoadedAdapters(model, 2)
    before = pooled(model, loaded, "a", store(tmp_path, "a"))
    own = release(tmp_path, "a", "first", 1.0)
    assert pooled(model, loaded, "a", own) == pytest.approx(before + 1.0, abs=1e-4)
    own.rollback()
    assert pooled(model, loaded, "a", own) == before


def test_no_tenant_moves_another_in_any_order(model: IntentModel, tmp_path: Path) -> None:
    """With a bound of two, so that adapters are given up and loaded again in between."""
    shifts = {"a": 0.5, "b": -1.0, "c": 2.0, "d": -3.0}
    owns = {tenant: release(tmp_path, tenant, "own", shift) for tenant, shift in shifts.items()}
    alone = {tenant: pooled(model, LoadedAdapters(model, 1), tenant, own) for tenant, own in owns.items()}
    loaded = LoadedAdapters(model, 2)
    for tenant in np.random.default_rng(5).choice(list(shifts), 60):
        assert abs(pooled(model, loaded, str(tenant), owns[str(tenant)]) - alone[str(tenant)]) <= 1e-5
        assert len(loaded) <= 2
    assert len({round(value, 3) for value in alone.values()}) == len(shifts)


def test_the_least_recently_used_is_given_up(model: IntentModel, tmp_path: Path) -> None:
    owns = {tenant: release(tmp_path, tenant, "own", 1.0) for tenant in "abc"}
    loaded = LoadedAdapters(model, 2)
    first = {tenant: loaded.champion(TenantId(tenant), owns[tenant]) for tenant in "ab"}
    loaded.champion(TenantId("a"), owns["a"])
    loaded.champion(TenantId("c"), owns["c"])
    assert loaded.champion(TenantId("a"), owns["a"]) is first["a"]
    assert loaded.champion(TenantId("b"), owns["b"]) is not first["b"]


def test_a_champion_that_breaks_leaves_the_one_used_so_far(model: IntentModel, tmp_path: Path) -> None:
    loaded = LoadedAdapters(model, 2)
    own = release(tmp_path, "a", "first", 1.0)
    first = loaded.champion(TenantId("a"), own)
    release(tmp_path, "a", "second", 2.0)
    (own.folder_of("second") / ADAPTER_FILE).write_bytes(b"broken")
    assert loaded.champion(TenantId("a"), own) is first
    fresh = LoadedAdapters(model, 2)
    assert fresh.champion(TenantId("a"), own).manifest.adapter_id == own.default_id()


def test_many_adapters_take_little_memory(model: IntentModel, tmp_path: Path) -> None:
    own = release(tmp_path, "a", "own", 1.0)
    loaded = LoadedAdapters(model, 50)
    process = psutil.Process()
    before = process.memory_info().rss
    for number in range(50):
        loaded.champion(TenantId(f"t{number}"), own)
    assert len(loaded) == 50
    assert (process.memory_info().rss - before) / 50 < 2.5 * MB
