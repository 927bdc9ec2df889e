"""The head of a tenant's graph on disk, so that a service starts without folding the whole journal.

Sealed under the tenant's key and bound to the event it stands at. Made from the journal and always replaceable: one
that does not fit is passed over, and one from before a key was destroyed as well, so an erased person leaves it too.
"""

import json
import logging
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from pydantic import ValidationError

from graph.head import HEAD, Head
from graph.journal import Journal
from graph.keys import TENANT_SUBJECT, KeyStore, seal, unseal
from ingest.messages import TenantId

logger = logging.getLogger(__name__)

FORM = 2
"""Form of the head; another one does not open."""


class SnapshotFile:
    """Where one tenant's head is kept."""

    def __init__(self, path: Path, keys: KeyStore, tenant_id: TenantId) -> None:
        self._path = path
        self._keys = keys
        self._tenant_id = tenant_id

    def write(self, journal: Journal, seq: int, head: Head) -> None:
        """Keep the head as it is after event `seq`; whole or not at all."""
        key_id, key = self._keys.key_for(self._tenant_id, TENANT_SUBJECT)
        frame = {"key_id": key_id, "seq": seq, "checksum": journal.checksum(seq), "destroyed": self._destroyed()}
        label = json.dumps(frame).encode()
        sealed = seal(key, HEAD.dump_json(head), self._identity(label))
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(label + b"\n" + sealed)
        fresh.chmod(0o600)
        fresh.replace(self._path)

    def read(self, journal: Journal) -> tuple[int, Head] | None:
        """Return the head and the event it stands at; None when there is none that fits the journal and its keys."""
        try:
            label, _, sealed = self._path.read_bytes().partition(b"\n")
            frame = json.loads(label)
            key = self._keys.key(frame["key_id"])
            fits = frame["checksum"] == journal.checksum(frame["seq"]) and frame["destroyed"] == self._destroyed()
            if key is None or not fits:
                return None
            return frame["seq"], HEAD.validate_json(unseal(key, sealed, self._identity(label)))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, InvalidTag, ValidationError):
            logger.warning("the snapshot does not open; the journal is read from its first event")
            return None

    def _destroyed(self) -> int:
        return self._keys.destroyed(self._tenant_id)

    def _identity(self, label: bytes) -> bytes:
        return f"needgraph head {FORM}|{self._tenant_id}|".encode() + label
