"""The embedded graph engine in a process of its own: ArcadeDB, speaking Bolt on loopback.

Run by `engine.py` as `python -m graph.engine_child`; it reads its settings as one JSON line on stdin, prints `ready`,
and ends when stdin closes, so an engine whose owner died does not stay behind. Every further line is the name of a
database, to be made unless it is there; the answer is `made NAME`, or `failed NAME` with the reason in the log.
"""

import contextlib
import json
import sys
import traceback
from typing import Any

from arcadedb_embedded import ArcadeDBError, ArcadeDBServer

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

    def make(name: str) -> None:
        if not server._java_server.existsDatabase(name):
            server.create_database(name)

    server.start()
    make(DATABASE)
    # An owner that died meanwhile reads no more: then there is nobody to serve.
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        _say("ready")
        while line := sys.stdin.readline():
            name = line.strip()
            try:
                make(name)
            except ArcadeDBError:
                traceback.print_exc()
                _say(f"failed {name}")
            else:
                _say(f"made {name}")
    server.stop()


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
