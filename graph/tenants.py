"""Where a tenant's things lie: one folder each, so that backup, erasure, rebuild and quota are per tenant."""

import re
from pathlib import Path

from graph.errors import InvalidTenantError
from ingest.messages import TenantId

TENANT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def tenant_id(name: str) -> TenantId:
    """Check a tenant's name, which becomes a folder's name.

    Raises:
        InvalidTenantError: for anything but lower-case letters, digits and hyphens, at most 63.
    """
    if TENANT_NAME.fullmatch(name) is None:
        raise InvalidTenantError(
            f"{name[:80]!r} cannot name a tenant: use up to 63 lower-case letters, digits and hyphens, no hyphen first"
        )
    return TenantId(name)


class TenantFolder:
    """Paths below `DATA/tenants/<tenant>/`, and the key store all tenants share."""

    def __init__(self, data_dir: Path, tenant: str) -> None:
        self.data_dir = data_dir
        self.tenant_id = tenant_id(tenant)
        self.path = data_dir / "tenants" / self.tenant_id

    @property
    def keys(self) -> Path:
        """The key database of the whole data directory; no part of a tenant's backup."""
        return self.data_dir / "keys.db"

    @property
    def journal(self) -> Path:
        """The tenant's truth."""
        return self.path / "journal.db"

    @property
    def snapshot(self) -> Path:
        """What the graph knows of all calls, made from the journal."""
        return self.path / "head.sealed"

    @property
    def adapters(self) -> Path:
        """Folder of the tenant's adapters."""
        return self.path / "adapters"

    @property
    def audio(self) -> Path:
        """Folder of the audio that was kept with consent, sealed."""
        return self.path / "audio"

    @property
    def index(self) -> Path:
        """Folder of the tenant's candidate search, made from the journal."""
        return self.path / "index"

    def exists(self) -> bool:
        """Whether anything was ever stored for this tenant."""
        return self.path.is_dir()

    def create(self) -> None:
        """Make the folder, readable by its owner only; nothing happens when it is there."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)


def tenants(data_dir: Path) -> tuple[TenantId, ...]:
    """Every tenant of a data directory, by name."""
    folder = data_dir / "tenants"
    if not folder.is_dir():
        return ()
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return tuple(TenantId(name) for name in names if TENANT_NAME.fullmatch(name))
