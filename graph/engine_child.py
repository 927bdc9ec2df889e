"""The embedded graph engine in a process of its own: ArcadeDB, speaking Bolt on loopback.

Run by `engine.py` as `python -m graph.engine_child`; it reads its settings as one JSON line on stdin, prints `ready`,
and ends when stdin closes, so an engine whose owner died does not stay behind.
"""

import contextlib
import json
import sys
from typing import Any

from arcadedb_embedded import ArcadeDBServer

DATABASE = "needgraph"


def main() -> None:
    """Serve until the owner is gone."""
    line = sys.stdin.readline()
    if not line:
        return
    wanted: dict[str, Any] = json.loads(line)
    server: Any = ArcadeDBServer(
        root_path=wanted["root"],
        root_password=wanted["password"],
        jvm_kwargs={"heap_size": f"{wanted['heap_mb']}m"},
        config={
            "mode": "production",
            "http_port": wanted["http_port"],
            "bolt_port": wanted["bolt_port"],
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            # fsync at commit: the default does not sync, and the projection's stored position must not run ahead.
            "txWalFlush": 2,
        },
    )
    server.start()
    if not server._java_server.existsDatabase(DATABASE):
        server.create_database(DATABASE)
    # An owner that died meanwhile reads no more: then there is nobody to serve.
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin.readline():
            pass
    server.stop()


if __name__ == "__main__":
    main()
