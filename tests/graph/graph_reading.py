"""All that lies in a graph of a tenant, as text to compare."""

import json
from datetime import UTC, datetime
from typing import LiteralString

from graph.store import GraphStore
from ingest.messages import TenantId

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
DUMP_NODES: LiteralString = "MATCH (n {tenant: $tenant}) RETURN labels(n) AS labels, properties(n) AS props"
DUMP_EDGES: LiteralString = """
MATCH (a {tenant: $tenant})-[r]->(b)
RETURN a.id AS source, type(r) AS type, properties(r) AS props, b.id AS target, b.tenant AS tenant
"""


def dumped(store: GraphStore, tenant: TenantId) -> list[str]:
    """Everything of a tenant, its name left out, in an order of its own; no edge may leave the tenant."""
    nodes = store.read(DUMP_NODES, {"tenant": tenant})
    edges = store.read(DUMP_EDGES, {"tenant": tenant})
    assert {row.pop("tenant") for row in edges} <= {tenant}
    for row in (*nodes, *edges):
        row["props"] = {name: value for name, value in row["props"].items() if name != "tenant"}
    return sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in (*nodes, *edges))
