"""Which database a tenant's part of the graph lies in: one that all share, or one of its own."""

import hashlib
from typing import Literal

Databases = Literal["shared", "tenant"]
"""`shared`: all tenants in one database, apart by their name on every node. `tenant`: each in a database of its own."""

PREFIX = "needgraph-"
READABLE_CHARS = 36
DIGEST_CHARS = 16
"""Together 63 characters, which is as long as the name of a Neo4j database may be."""


def database_of(tenant_id: str) -> str:
    """Name of a tenant's own database: letters, digits and hyphens, a letter first, the same on every start.

    The digest keeps tenants apart whose names are alike as far as they are spelt out here.
    """
    digest = hashlib.sha256(tenant_id.encode()).hexdigest()[:DIGEST_CHARS]
    readable = "".join(one if one.isascii() and one.isalnum() else "-" for one in tenant_id[:READABLE_CHARS])
    return f"{PREFIX}{readable.lower()}-{digest}"
