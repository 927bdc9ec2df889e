"""A real Neo4j 5.26 LTS for tests, from its Maven artifacts: fetched once into `.cache/neo4j`, started on loopback.

Neo4j is GPLv3: it runs as a process of its own and is never bundled. Needs Java 17 or newer, and Maven for the fetch.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from graph.errors import GraphUnavailableError
from graph.store import Endpoint, GraphStore

VERSION = "5.26.12"
CACHE = Path(__file__).parents[2] / ".cache" / "neo4j"
FETCH_S = 280
START_S = 90
"""About 10 s on two quiet cores."""
FOLDERS = ("conf", "data", "logs", "run", "plugins", "import", "licenses", "certificates")
INSTALL = {
    "java": "install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)",
    "mvn": "install Maven (Debian: apt-get install maven)",
}

POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>needgraph</groupId>
  <artifactId>neo4j-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{VERSION}</version></dependency>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{VERSION}</version></dependency>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j-bolt</artifactId><version>{VERSION}</version></dependency>
  </dependencies>
</project>
"""

CONF = """server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=false
dbms.usage_report.enabled=false
server.memory.pagecache.size=128m
dbms.cypher.min_replan_interval=1h
"""

JVM = (
    # A server for a minute: the quick compiler alone and the plain collector halve its start and its first queries.
    *("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.nio", "java.io", "sun.nio.ch")),
    *("-Dio.netty.tryReflectionSetAccessible=true", "-Dlog4j2.disable.jmx=true", "-Dfile.encoding=UTF-8"),
)


@contextmanager
def neo4j_server(home: Path, port: int | None = None) -> Generator[Endpoint]:
    """A server with its files in `home`, until the end of the block; what it holds is there again the next time.

    Fails the test when it cannot be had. It listens on a free port unless one is given.
    """
    java = _tool("java")
    lib = _fetched()
    port = port or free_port()
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "conf" / "neo4j.conf").write_text(CONF.format(port=port), encoding="utf-8")
    classes = ":".join(f"{folder}/*" for folder in (home / "plugins", home / "conf", lib))
    where = (f"--home-dir={home}", f"--config-dir={home / 'conf'}", "--console-mode")
    log = home / "console.log"
    with log.open("w", encoding="utf-8") as console:
        process = subprocess.Popen(
            [java, "-cp", classes, *JVM, "org.neo4j.server.CommunityEntryPoint", *where],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            cwd=home,
        )
    try:
        endpoint = Endpoint(uri=f"bolt://127.0.0.1:{port}", user="neo4j", password="", database="neo4j")
        _wait(endpoint, process, log)
        yield endpoint
    finally:
        # It keeps what it committed, and an orderly end takes 12 s.
        process.kill()
        process.wait()


def _fetched() -> Path:
    """Folder of the jars; it gets its name only when every one has arrived, so a broken fetch never counts."""
    lib = CACHE / f"lib-{VERSION}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "fetch.lock"):
        if not lib.is_dir():
            with tempfile.TemporaryDirectory(prefix="partial-", dir=CACHE) as partial:
                _fetch(Path(partial)).replace(lib)
    return lib


def _fetch(folder: Path) -> Path:
    mvn = _tool("mvn")
    (folder / "pom.xml").write_text(POM, encoding="utf-8")
    wanted = ("dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder / 'lib'}")
    try:
        done = subprocess.run(
            [mvn, "-q", "-B", "-f", str(folder / "pom.xml"), *wanted],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=FETCH_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"Maven did not fetch Neo4j {VERSION} within {FETCH_S} s; run the tests again to go on", False)
    if done.returncode != 0:
        pytest.fail(f"Maven could not fetch Neo4j {VERSION}:\n{done.stdout[-2000:]}", False)
    return folder / "lib"


def _wait(endpoint: Endpoint, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < until:
        try:
            with GraphStore(endpoint) as store:
                store.check()
            return
        except GraphUnavailableError:
            time.sleep(0.25)
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    pytest.fail(f"Neo4j {VERSION} did not start (it needs Java 17 or newer):\n{tail}", False)


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"the tests marked neo4j need `{name}`: {INSTALL[name]}; or leave them out: -m 'not neo4j'", False)
    return path


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
