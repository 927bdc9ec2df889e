"""`needgraph journal`: a whole journal, a changed one, and what is written out."""

import json
import sqlite3
from pathlib import Path

import pytest

from graph.config import JournalConfig
from graph.keys import KeyStore
from graph.tenants import TenantFolder
from server.tenant import Tenant
from tests.graph.graph_samples import TENANT, samples
from tests.server.server_child import verb

COUNT = len(samples())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = TenantFolder(tmp_path, TENANT)
    folder.create()
    keys = KeyStore(folder.keys)
    tenant = Tenant(folder, keys, JournalConfig())
    tenant.append(samples(), "test")
    tenant.close()
    keys.close()
    return tmp_path


def test_a_whole_journal_verifies_and_a_changed_one_says_where(data: Path) -> None:
    done = verb("journal", "verify", "--data", data, "--tenant", TENANT, "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"events": COUNT, "broken_seq": None, "reason": None})
    journal = sqlite3.connect(TenantFolder(data, TENANT).journal)
    journal.execute("DROP TRIGGER event_is_final")
    journal.execute("UPDATE event SET actor = 'somebody else' WHERE seq = 3")
    journal.commit()
    journal.close()
    done = verb("journal", "verify", "--data", data, "--tenant", TENANT)
    assert done.returncode == 1
    assert "event 3" in done.stdout
    assert "rebuild" in done.stdout


def test_every_event_is_written_out(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl"
    done = verb("journal", "export", "--data", data, "--tenant", TENANT, "--out", out, "--quiet")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, COUNT + 1))
    assert {row["kind"] for row in rows} >= {"utterance", "signal", "need_changed", "merge_annotation"}
    assert all(row["message"]["tenant_id"] == TENANT for row in rows)
    assert next(row for row in rows if row["kind"] == "utterance")["subject_id"] == "p-ines"


def test_a_tenant_without_a_journal_is_named(tmp_path: Path) -> None:
    done = verb("journal", "verify", "--data", tmp_path, "--tenant", "nobody")
    assert done.returncode != 0
    assert "nobody" in done.stderr
    assert "Traceback" not in done.stderr
